// Why records written with one schema cannot be read with another.

/// One reason, by the names that Avro's SchemaCompatibility and Confluent's registry give the kinds.
public struct Incompatibility: Sendable, Hashable {
    public enum Kind: String, Sendable, CaseIterable {
        case nameMismatch = "NAME_MISMATCH"
        case fixedSizeMismatch = "FIXED_SIZE_MISMATCH"
        case missingEnumSymbols = "MISSING_ENUM_SYMBOLS"
        case readerFieldMissingDefaultValue = "READER_FIELD_MISSING_DEFAULT_VALUE"
        case typeMismatch = "TYPE_MISMATCH"
        case missingUnionBranch = "MISSING_UNION_BRANCH"
    }

    public let kind: Kind
    /// Where in the reader's schema, as a JSON pointer: `/fields/3/type`; `/` is the whole.
    public let path: String
    /// The same place in names: `StorageUsage.dimensions`; empty for a schema without a name.
    public let place: String
    /// The reason in words.
    public let message: String
}

extension Incompatibility: CustomStringConvertible {
    public var description: String { "\(kind.rawValue) at \(path)\(place.isEmpty ? "" : " (\(place))"): \(message)" }
}
