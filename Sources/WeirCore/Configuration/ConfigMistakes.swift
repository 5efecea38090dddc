// The error that a configuration file with mistakes is refused with.

/// Every mistake found in one reading of a file, by line; never empty.
public struct ConfigMistakes: Error, Sendable, CustomStringConvertible {
    public let mistakes: [ConfigMistake]

    public init(_ mistakes: [ConfigMistake]) {
        precondition(!mistakes.isEmpty, "a file without mistakes is not an error")
        self.mistakes = mistakes
    }

    /// One mistake a line, each `file:line:column: problem (expected)`.
    public var description: String { mistakes.map(\.description).joined(separator: "\n") }

    /// The same, for whoever ran the command.
    public var weirError: WeirError { WeirError(.badData, description) }
}
