// The topology file to run: a copy of the one that was named, with other topic names where the broker is the user's.

import Foundation
import WeirCore

enum FieldTopology {
    /// A copy in `folder`, in which every topic and the topology's name end in the suffix. Records whose schemas
    /// are unknown on purpose become dead letters after a second, not after minutes.
    static func file(_ original: String, suffix: String, folder: String) throws -> String {
        guard let text = try? String(contentsOfFile: original, encoding: .utf8) else {
            throw WeirError(.badData, "cannot read \(original)")
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let copies = lines.enumerated().map { index, line -> String in
            let words = line.split(separator: " ")
            guard let name = words.last, !suffix.isEmpty else { return String(line) }
            if line.hasPrefix("  - topic:") {
                // The schema's default is the topic's name, which is another one now.
                let source = lines[(index + 1)...].prefix { $0.hasPrefix("    ") }
                let hasSchema = source.contains { $0.hasPrefix("    schema:") }
                return "\(line)\(suffix)" + (hasSchema || suffix.isEmpty ? "" : "\n    schema: \(name)")
            }
            let isName = ["    source:", "  topic:", "  lag:", "topology:", "group:"].contains { line.hasPrefix($0) }
            if isName { return line + suffix }
            return String(line)
        }
        let patience =
            lines.contains { $0.hasPrefix("retry:") }
            ? "" : "\nretry: { schema: { first: 100ms, longest: 300ms, deadline: 1s } }\n"
        let copy = folder + "/topology.yaml"
        try (copies.joined(separator: "\n") + patience).write(toFile: copy, atomically: true, encoding: .utf8)
        return copy
    }
}
