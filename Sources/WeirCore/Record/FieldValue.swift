// What a decoder hands to the operators: for each field a topology uses, where its value stands.

/// One decoded field. Text and bytes are not copied: they are a range of the record's body, or of
/// the plan's constants when the writer did not have the field and the reader's default applies.
public struct FieldValue: Sendable {
    public enum Kind: UInt8, Sendable {
        /// Null in a union with null.
        case null
        /// Int, long or boolean (0 or 1); timestamps are converted to microseconds.
        case integer
        /// String, bytes, fixed, or the name of an enum's symbol: `offset` and `length` tell where.
        case bytes
    }

    public var kind: Kind
    /// True when `offset` counts from the start of the plan's constants instead of the record's body.
    public var isConstant: Bool
    public var offset: UInt32
    public var length: UInt32
    public var integer: Int64

    public init(
        kind: Kind = .null, isConstant: Bool = false, offset: UInt32 = 0, length: UInt32 = 0, integer: Int64 = 0
    ) {
        self.kind = kind
        self.isConstant = isConstant
        self.offset = offset
        self.length = length
        self.integer = integer
    }
}

/// A field that a topology uses, and what it is used for.
public struct FieldRequest: Sendable, Equatable {
    public enum Use: Sendable, Equatable {
        /// Anything that identifies: string, uuid, bytes, fixed, enum, int, long, boolean.
        case identity
        /// A long with logical type `timestamp-millis` or `timestamp-micros`; yields microseconds.
        case time
        /// An int or long, or a decimal; a decimal yields its unscaled big-endian bytes.
        case measure
        /// The field's whole encoded extent in the body, of any type (top-level fields only).
        case extent
    }

    public var path: FieldPath
    public var use: Use

    public init(_ path: FieldPath, _ use: Use) {
        self.path = path
        self.use = use
    }
}
