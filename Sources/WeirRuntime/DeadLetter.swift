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
    /// The producer's own, without the marks of a replay.
    let headers: [KafkaHeader]
    /// Set if the record is a dead letter that was replayed.
    let replay: ReplayMarks?

    /// - Parameter headers: all that the record bears.
    init(
        source: TopicPartition, offset: Int64, reason: DeadLetterReason, message: String, organisation: String?,
        schemaID: Int32?, timestamp: Int64, key: [UInt8]?, payload: [UInt8]?, headers: [KafkaHeader]
    ) {
        self.source = source
        self.offset = offset
        self.reason = reason
        self.message = message
        self.organisation = organisation
        self.schemaID = schemaID
        self.timestamp = timestamp
        self.key = key
        self.payload = payload
        var own = headers
        replay = ReplayMarks.take(from: &own)
        self.headers = own
    }

    /// How often the record was replayed before.
    var replayCount: Int32 { replay?.count ?? 0 }

    /// How often Weir has met the record, this time included.
    var attempt: Int32 { replayCount + 1 }

    /// When Weir met the record first, in microseconds; a mark that names the future is wrong.
    func firstSeen(recordedAt: Int64) -> Int64 { min(replay?.firstSeen?.microseconds ?? recordedAt, recordedAt) }

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
            ("attempt", String(attempt)),
            ("first_seen", Timestamp(microseconds: firstSeen(recordedAt: recordedAt)).description),
            ("replay_count", String(replayCount)),
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
