// Where a topology names a field of a source's records, for checks against the source's schema.

/// One mention of a field in a topology file.
public struct FieldUse: Sendable, Equatable {
    /// Topic of the source whose record the field is in.
    public let source: String
    public let request: FieldRequest
    /// What the field serves as: `measure of meter 'storage_bytes'`.
    public let role: String
    /// Where the file names it; for a default, where the source begins.
    public let position: ConfigPosition

    public init(source: String, request: FieldRequest, role: String, position: ConfigPosition) {
        self.source = source
        self.request = request
        self.role = role
        self.position = position
    }

    public var line: Int { position.line }
    public var column: Int { position.column }
}
