// What a path leads to in a schema.

/// The type at the end of a path, seen through unions with null.
public struct FieldType: Sendable {
    public let kind: AvroSchema.Kind
    public let logical: LogicalType?
    /// True if the path goes through a union with null or to an entry of a map, so that the value may be absent.
    public let isOptional: Bool

    /// The type in words: `long (timestamp-millis)`.
    public var words: String { words(called: kind.word) }

    func words(called word: String) -> String {
        guard let logical else { return word }
        if case .decimal(let precision, let scale) = logical { return "\(word) (decimal \(precision), \(scale))" }
        return "\(word) (\(logical.name))"
    }
}
