// One thing that must be true at the end, and a table of them.

import Foundation

struct FieldCheck: Codable {
    var name: String
    var holds: Bool
    /// What was found, and how it should be. Differences follow on lines of their own.
    var words: String

    init(_ name: String, _ holds: Bool, _ words: String) {
        self.name = name
        self.holds = holds
        self.words = words
    }

    var line: String {
        let indented = words.split(separator: "\n").joined(separator: "\n" + String(repeating: " ", count: 33))
        return "  \(holds ? "ok   " : "WRONG")  \(name.padding(toLength: 24, withPad: " ", startingAt: 0)) \(indented)"
    }
}
