// The topology file that the demo runs: the repository's own, with other topic names where the broker is the user's.

import Foundation
import WeirCore

enum DemoTopology {
    /// The file to run. With a suffix, every topic and the topology's name get it in a copy in `folder`.
    static func file(_ original: String, suffix: String, folder: String) throws -> String {
        guard !suffix.isEmpty else { return original }
        guard let text = try? String(contentsOfFile: original, encoding: .utf8) else {
            throw WeirError(.badData, "cannot read \(original)")
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
            let words = line.split(separator: " ")
            guard let name = words.last else { return String(line) }
            if line.hasPrefix("  - topic:") { return "\(line)\(suffix)\n    schema: \(name)" }
            if line.hasPrefix("    source:") || line.hasPrefix("  topic:") { return line + suffix }
            if line.hasPrefix("topology:") || line.hasPrefix("group:") { return line + suffix }
            return String(line)
        }
        let copy = folder + "/demo.yaml"
        try lines.joined(separator: "\n").write(toFile: copy, atomically: true, encoding: .utf8)
        return copy
    }
}
