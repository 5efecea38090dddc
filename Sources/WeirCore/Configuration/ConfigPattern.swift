// Regular expressions over ASCII, matched against the whole of a text.

package enum ConfigPattern {
    /// False for any text beyond ASCII: what passes may end up in SQL, paths and topic names.
    package static func matches(_ text: String, _ pattern: String) -> Bool {
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else { return false }
        guard let regex = try? Regex(pattern) else { preconditionFailure("bad pattern: \(pattern)") }
        return text.wholeMatch(of: regex.matchingSemantics(.unicodeScalar)) != nil
    }
}
