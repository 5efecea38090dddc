// A record that could not be metered, copied out of Kafka's memory with all that is known about it.

internal import WeirCore
internal import WeirKafka

struct DeadLetter {
    let source: TopicPartition
    let offset: Int64
    let reason: DeadLetterReason
    /// What was wrong, in words.
    let message: String
    let organisation: String?
    let schemaID: Int32?
    /// Milliseconds since 1970; -1 if the record has none.
    let timestamp: Int64
    let key: [UInt8]?
    let payload: [UInt8]?
    let headers: [KafkaHeader]

    /// The timestamp in microseconds; nil if the record has none that a date can be made of (to year 9999).
    var microseconds: Int64? {
        (0...253_402_300_799_999).contains(timestamp) ? timestamp * 1000 : nil
    }

    /// The record for `<topic>.dlq`: key, payload and headers as they were, and why it is there.
    func message(topology: Topology, recordedAt: Int64) -> OutboxMessage {
        var about: [(String, String)] = [
            ("class", reason.errorClass),
            ("reason", reason.rawValue),
            ("message", message),
            ("stage", reason.stage),
            ("topology", topology.name),
            ("version", String(topology.version)),
            ("topic", source.topic),
            ("partition", String(source.partition)),
            ("offset", String(offset)),
            ("timestamp", String(timestamp)),
            ("attempt", "1"),
            ("first_seen", Timestamp(microseconds: recordedAt).description),
        ]
        if let schemaID { about.append(("schema_id", String(schemaID))) }
        return OutboxMessage(
            topic: source.topic + ".dlq", key: key, payload: payload,
            headers: headers + about.map { KafkaHeader("weir.error." + $0.0, $0.1) }
                + [KafkaHeader("idempotency-key", "\(topology.name)/\(source)/\(offset)")])
    }
}

/// An event whose idempotency key had come before with another payload.
struct Conflict {
    let source: TopicPartition
    let offset: Int64
    let organisation: String
    let idempotencyKey: String
    let payload: [UInt8]
}

/// Offsets that the broker passed over.
struct Gap {
    let source: TopicPartition
    let from: Int64
    let to: Int64
}
