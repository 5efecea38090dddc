// A topology of the project with a change, in a temporary file.

import Foundation

final class TopologyCopy {
    let file: String

    init(_ path: String, _ change: (String) -> String) throws {
        file = FileManager.default.temporaryDirectory.appending(path: "weir-\(UUID().uuidString).yaml").path
        let text = try String(contentsOfFile: Repository.path(path), encoding: .utf8)
        try change(text).write(toFile: file, atomically: true, encoding: .utf8)
    }

    convenience init(_ path: String, adding line: String) throws {
        try self.init(path) { $0 + "\n" + line + "\n" }
    }

    deinit { try? FileManager.default.removeItem(atPath: file) }
}
