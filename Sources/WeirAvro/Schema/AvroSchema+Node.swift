// The nodes of a schema: one type each.

extension AvroSchema {
    /// One type of a schema.
    public struct Node: Sendable {
        public internal(set) var kind: Kind
        /// Full name with namespace, of records, enums and fixeds.
        public let name: String?
        /// Full names the type was known by.
        public let aliases: [String]
        public let logical: LogicalType?
        public let doc: String?
    }

    /// What a node is. `Int` payloads are indices of other nodes.
    public enum Kind: Sendable {
        case null
        case boolean
        case int
        case long
        case float
        case double
        case bytes
        case string
        case record([Field])
        /// `fallback` is the index of the symbol that stands for symbols a reader does not know.
        case enumeration(symbols: [String], fallback: Int?)
        case array(items: Int)
        case map(values: Int)
        case union([Int])
        case fixed(size: Int)

        /// The name Avro gives the type.
        public var word: String {
            switch self {
            case .null: "null"
            case .boolean: "boolean"
            case .int: "int"
            case .long: "long"
            case .float: "float"
            case .double: "double"
            case .bytes: "bytes"
            case .string: "string"
            case .record: "record"
            case .enumeration: "enum"
            case .array: "array"
            case .map: "map"
            case .union: "union"
            case .fixed: "fixed"
            }
        }
    }

    /// A field of a record.
    public struct Field: Sendable {
        public let name: String
        public let aliases: [String]
        /// Index of its type.
        public let type: Int
        /// What a reader takes when the writer did not have the field.
        public internal(set) var fallback: AvroValue?
        public let doc: String?
    }
}
