// What a path leads to in a schema.

/// The type at the end of a path, seen through unions with null.
public struct FieldType: Sendable {
    public let kind: AvroSchema.Kind
    public let logical: LogicalType?
    /// True if the path goes through a union with null or to an entry of a map, so that the value may be absent.
    public let isOptional: Bool

    /// The type in words: `long (timestamp-millis)`.
    public var words: String {
        guard let logical else { return kind.word }
        if case .decimal(let precision, let scale) = logical { return "\(kind.word) (decimal \(precision), \(scale))" }
        return "\(kind.word) (\(logical.name))"
    }
}
