// A value that is encoded once and written many times.

/// A value, encoded, and what it is to meters and as a Kafka key.
struct PooledValue {
    var encoded: [UInt8]
    var value: EventValue
    var bytes: [UInt8]
}
