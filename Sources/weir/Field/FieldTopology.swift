// The topology file to run: a copy of the one that was named, with other topic names where the broker is the user's.

import Foundation
import WeirCore

enum FieldTopology {
    /// The file to run, in `folder`. With a suffix, every topic and the topology's name get it. Records with unknown
    /// schemas wait for two seconds, unless the topology says something else: long enough to be killed meanwhile.
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
                return "\(line)\(suffix)" + (hasSchema ? "" : "\n    schema: \(name)")
            }
            if line.hasPrefix("    source:") || line.hasPrefix("  topic:") { return line + suffix }
            if line.hasPrefix("topology:") || line.hasPrefix("group:") { return line + suffix }
            return String(line)
        }
        let copy = folder + "/topology.yaml"
        var copied = copies.joined(separator: "\n")
        if !lines.contains(where: { $0.hasPrefix("retry:") }) {
            copied += "\nretry: { schema: { first: 100ms, longest: 500ms, deadline: 2s } }\n"
        }
        try copied.write(toFile: copy, atomically: true, encoding: .utf8)
        return copy
    }
}
