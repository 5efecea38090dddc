// Why a schema's text was refused.

/// A schema that cannot be used: where (file, line and column, or the path inside the schema) and what was expected.
public struct SchemaError: Error, Sendable, Equatable, CustomStringConvertible {
    public let message: String

    public init(_ message: String) { self.message = message }

    public var description: String { message }
}
