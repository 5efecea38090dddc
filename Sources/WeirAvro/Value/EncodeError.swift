// Why a value could not be written with a schema.

/// A value that does not fit its schema: where in the value, and what the schema wants there.
public struct EncodeError: Error, Sendable, Equatable, CustomStringConvertible {
    public let path: String
    public let message: String

    public var description: String { "at \(path.isEmpty ? "/" : path): \(message)" }

    /// The error as the value around it sees it.
    func inside(_ name: some CustomStringConvertible) -> EncodeError {
        EncodeError(path: "/\(name)\(path)", message: message)
    }
}
