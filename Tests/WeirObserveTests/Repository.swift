// Files of the repository that tests read, and generated ones that they compare.

import Foundation
import Testing

enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// Fails if the committed file differs from what the code generates. `WEIR_REGENERATE=1` writes it.
    static func expect(_ path: String, equals generated: String) throws {
        if ProcessInfo.processInfo.environment["WEIR_REGENERATE"] == "1" {
            try generated.write(to: root.appending(path: path), atomically: true, encoding: .utf8)
        }
        let isCurrent = try text(path) == generated
        #expect(isCurrent, "\(path) is stale: WEIR_REGENERATE=1 swift test -c release --filter WeirObserveTests")
    }
}
