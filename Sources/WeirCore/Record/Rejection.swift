// Why a record is a dead letter: the fixed list of reasons, each with its class and stage.

/// One word for what is wrong with a record. Stored and published, so names never change.
public enum DeadLetterReason: String, Sendable, CaseIterable {
    case emptyRecord = "empty_record"
    case recordTooLarge = "record_too_large"
    case nullKey = "null_key"
    case notFramed = "not_framed"
    case unknownSchema = "unknown_schema"
    case incompatibleSchema = "incompatible_schema"
    case undecodable = "undecodable"
    case missingField = "missing_field"
    case invalidText = "invalid_text"
    case keyMismatch = "key_mismatch"
    case timeOutOfRange = "time_out_of_range"
    case negativeQuantity = "negative_quantity"
    case quantityOutOfRange = "quantity_out_of_range"

    /// Whose fault it is: the record's own, or a schema's that is unknown or does not fit.
    public var errorClass: String {
        switch self {
        case .unknownSchema, .incompatibleSchema: "schema"
        default: "record"
        }
    }

    /// Where on its way through Weir it was noticed.
    public var stage: String {
        switch self {
        case .emptyRecord, .recordTooLarge, .nullKey, .notFramed, .unknownSchema: "frame"
        case .incompatibleSchema, .undecodable: "decode"
        default: "validate"
        }
    }
}

/// A reason and, where one field is to blame, which.
public struct Rejection: Error, Sendable, Equatable {
    public var reason: DeadLetterReason
    /// Index into the source's field requests.
    public var field: Int?
    /// The offending number, where there is one: a time in microseconds or a quantity.
    public var value: Int64

    public init(_ reason: DeadLetterReason, field: Int? = nil, value: Int64 = 0) {
        self.reason = reason
        self.field = field
        self.value = value
    }
}
