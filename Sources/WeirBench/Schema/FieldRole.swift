// What a field of a record is to its topology, and so what a generator writes there.

import WeirCore

/// The part that decides a field's values.
enum FieldRole: Equatable {
    case organisation
    case idempotencyKey
    case time
    /// Takes its numbers from a trace's column; a meter may sum them up, or not.
    case traced(column: Int, isMeasured: Bool)
    /// Small numbers, or for `max` sizes of storage.
    case measure(isLarge: Bool)
    /// One of the organisation's users.
    case member
    /// The Kafka key alone.
    case key
    /// One of a few names.
    case dimension
    /// A new id in each record.
    case ignored

    /// Whether a record without it is a dead letter.
    var isRequired: Bool {
        switch self {
        case .dimension, .ignored: false
        default: true
        }
    }
}
