// Files of this checkout that tests read, and generated ones that they compare, whatever folder the tests run in.

package import Foundation

package enum Repository {
    package static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    package static func path(_ relative: String) -> String { root.appending(path: relative).path }

    package static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// False if the committed file differs from what the code generates. `WEIR_REGENERATE=1` writes it.
    package static func holds(_ path: String, _ generated: String) throws -> Bool {
        if ProcessInfo.processInfo.environment["WEIR_REGENERATE"] == "1" {
            try generated.write(to: root.appending(path: path), atomically: true, encoding: .utf8)
        }
        return try text(path) == generated
    }
}
