// A topology of the project with a change, in a temporary file.

import Foundation
import TestSupport

final class TopologyCopy {
    let file: String
    /// What the names of its topics and its own end in.
    private(set) var suffix = ""

    init(_ path: String, _ change: (String) -> String) throws {
        file = FileManager.default.temporaryDirectory.appending(path: "weir-\(UUID().uuidString).yaml").path
        let text = try String(contentsOfFile: path.hasPrefix("/") ? path : Repository.path(path), encoding: .utf8)
        try change(text).write(toFile: file, atomically: true, encoding: .utf8)
    }

    /// Every topic, the group and the topology get a name that nobody else uses, for brokers shared with others.
    convenience init(withOwnTopics path: String) throws {
        let suffix = ".test-" + String(UInt32.random(in: 0...UInt32.max), radix: 36)
        try self.init(path) { text in
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
                let name = line.split(separator: " ").last.map(String.init) ?? ""
                if line.hasPrefix("  - topic:") {
                    return text.contains("    schema: \(name)")
                        ? line + suffix : "\(line)\(suffix)\n    schema: \(name)"
                }
                let isName = ["    source:", "  topic:", "  lag:", "topology:", "group:"].contains {
                    line.hasPrefix($0)
                }
                return isName ? line + suffix : String(line)
            }
            return Self.impatient(lines.joined(separator: "\n"))
        }
        self.suffix = suffix
    }

    convenience init(_ path: String, adding line: String) throws {
        try self.init(path) { $0 + "\n" + line + "\n" }
    }

    /// Records with unknown schemas become dead letters soon, and dead letters never stop it.
    convenience init(impatient path: String) throws {
        try self.init(path) { Self.impatient($0) }
    }

    private static func impatient(_ text: String) -> String {
        var text = text
        if !text.contains("\nretry:") {
            text += "\nretry: { schema: { first: 50ms, longest: 200ms, deadline: 500ms } }\n"
        }
        if !text.contains("\nbreaker:") { text += "\nbreaker: { dead_letter_percent: 100 }\n" }
        return text
    }

    deinit { try? FileManager.default.removeItem(atPath: file) }
}
