// Any Avro value as a Swift value, for defaults, tests, generators and views; never on the hot path.

/// A value of some Avro schema, in the shape of the schema it was read with.
public indirect enum AvroValue: Sendable, Equatable {
    case null
    case boolean(Bool)
    case int(Int32)
    case long(Int64)
    case float(Float)
    case double(Double)
    case bytes([UInt8])
    case string(String)
    case array([AvroValue])
    /// Entries in the order they are written; Avro does not forbid a key that stands there twice.
    case map([Entry])
    /// Values in the order of the record's fields.
    case record([AvroValue])
    /// Index of the symbol.
    case enumeration(Int)
    case fixed([UInt8])
    /// Index of the branch, and its value.
    case union(Int, AvroValue)

    /// An entry of a map.
    public struct Entry: Sendable, Equatable {
        public var key: String
        public var value: AvroValue

        public init(_ key: String, _ value: AvroValue) {
            self.key = key
            self.value = value
        }
    }

    /// The name Avro gives the value's type.
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
        case .array: "array"
        case .map: "map"
        case .record: "record"
        case .enumeration: "enum"
        case .fixed: "fixed"
        case .union: "union"
        }
    }
}
