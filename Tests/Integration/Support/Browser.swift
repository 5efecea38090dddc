// A real browser without a screen.

import Foundation

enum Browser {
    /// The page as it stands after its scripts have run.
    static func page(_ address: String) throws -> String {
        let profile = FileManager.default.temporaryDirectory.appending(path: "weir-browser-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: profile) }
        // --no-sandbox because root cannot have one; the pages are our own.
        return try Command.run(
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--user-data-dir=\(profile)", "--virtual-time-budget=5000", "--dump-dom", address)
    }
}
