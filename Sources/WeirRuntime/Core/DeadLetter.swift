// A record that could not be metered, copied out of Kafka's memory with all that is known about it.

package import WeirCore
package import WeirKafka

package struct DeadLetter: Sendable {
    package let source: TopicPartition
    package let offset: Int64
    package let reason: DeadLetterReason
    /// What was wrong, in words.
    package let message: String
    package let organisation: String?
    package let schemaID: Int32?
    /// Milliseconds since 1970; -1 if the record has none.
    package let timestamp: Int64
    package let key: [UInt8]?
    package let payload: [UInt8]?
    /// The producer's own, without the marks of a replay.
    package let headers: [KafkaHeader]
    /// Set if the record is a dead letter that was replayed.
    package let replay: ReplayMarks?

    /// Since when it waited in weir.parked; nil if it did not.
    private let waitedSince: Int64?

    /// - Parameter headers: all that the record bears.
    init(
        source: TopicPartition, offset: Int64, reason: DeadLetterReason, message: String, organisation: String?,
        schemaID: Int32?, timestamp: Int64, key: [UInt8]?, payload: [UInt8]?, headers: [KafkaHeader],
        waitedSince: Int64? = nil
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
        self.waitedSince = waitedSince
    }

    /// How often the record was replayed before.
    var replayCount: Int32 { replay?.count ?? 0 }

    /// How often Weir has tried to meter the record. The same for two copies of one replay, however long each of them
    /// waited: that makes them one dead letter.
    var attempt: Int32 { replayCount + (waitedSince == nil ? 1 : 2) }

    /// When Weir met the record first, in microseconds; a mark that names the future is wrong.
    func firstSeen(recordedAt: Int64) -> Int64 {
        min(replay?.firstSeen?.microseconds ?? recordedAt, waitedSince ?? recordedAt, recordedAt)
    }

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
package struct Conflict: Sendable {
    package let source: TopicPartition
    package let offset: Int64
    package let organisation: String
    package let idempotencyKey: String
    package let payload: [UInt8]
}

/// Offsets that the broker passed over.
package struct Gap: Sendable, Equatable {
    package let source: TopicPartition
    package let from: Int64
    package let to: Int64
    package let cause: GapCause
}
