// Why records of a writer's schema cannot give a topology its fields.

/// A field that a plan cannot be made for.
public struct PlanError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Reason: Sendable {
        /// The writer does not have the field and the reader has no default for it.
        case missingField
        /// The writer's type cannot be read as the reader's.
        case incompatible
        /// The request does not fit the schema.
        case badRequest
    }

    public let reason: Reason
    /// Empty if the schema as a whole is refused.
    public let path: String
    public let message: String

    public var description: String { path.isEmpty ? message : "\(path): \(message)" }
}
