// One thing wrong in a configuration file, told so that an editor can jump to it.

/// What is wrong, where, and what was expected instead.
public struct ConfigMistake: Sendable, Hashable, CustomStringConvertible {
    public let file: String
    public let position: ConfigPosition
    /// What is wrong: `unknown field 'retentoin' in idempotency; did you mean 'retention'?`.
    public let problem: String
    /// What would be right: `expected a number with a unit: 5s`; empty where the problem says it already.
    public let expected: String

    public init(file: String, position: ConfigPosition, problem: String, expected: String = "") {
        self.file = file
        self.position = position
        self.problem = problem
        self.expected = expected
    }

    public var line: Int { position.line }
    public var column: Int { position.column }

    public var description: String {
        "\(file):\(position): \(problem)" + (expected.isEmpty ? "" : " (\(expected))")
    }
}
