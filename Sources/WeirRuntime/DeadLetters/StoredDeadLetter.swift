// A row of weir.dead_letter, with what lists need and with the whole record.

package import WeirCore
package import WeirKafka
internal import WeirPostgres

/// All but the bytes of payload and headers, which may be many.
package struct DeadLetterSummary: Sendable {
    package let id: Int64
    package let state: DeadLetterState
    package let topology: String
    package let topologyVersion: Int32
    package let topic: String
    package let partition: Int32
    package let offset: Int64
    package let reason: String
    package let errorClass: String
    package let stage: String
    package let message: String
    package let organisation: String?
    package let schemaID: Int32?
    package let recordTimestamp: Timestamp?
    package let key: [UInt8]?
    /// Nil if the record has no payload.
    package let payloadSize: Int?
    package let recordedAt: Timestamp
    package let firstSeen: Timestamp
    package let attempt: Int32
    package let replayOf: Int64?
    package let replayCount: Int32
    package let replayed: Replayed?
    package let quarantinedAt: Timestamp?
    package let releasedAt: Timestamp?

    /// How the row was replayed last.
    package struct Replayed: Sendable {
        package let at: Timestamp
        package let by: String
        package let partition: Int32
        package let offset: Int64
        package let isEdited: Bool
    }

    /// Where the record stands.
    package var place: String { "\(topic)/\(partition)/\(offset)" }

    static let columns = """
        id, \(DeadLetterState.column), topology, topology_version, topic, partition, "offset", reason, class, stage, message,
        org_id, schema_id, record_timestamp, key, octet_length(payload), recorded_at, first_seen, attempt, replay_of,
        replay_count, replayed_at, coalesce(replayed_by, ''), coalesce(replayed_partition, 0),
        coalesce(replayed_offset, 0), replayed_edited, quarantined_at, released_at
        """
    static let columnCount = 28

    init(_ rows: borrowing ResultSet, _ row: Int) {
        id = rows.int64(row, 0)
        state = DeadLetterState(rawValue: rows.text(row, 1)) ?? .waiting
        topology = rows.text(row, 2)
        topologyVersion = rows.int32(row, 3)
        topic = rows.text(row, 4)
        partition = rows.int32(row, 5)
        offset = rows.int64(row, 6)
        reason = rows.text(row, 7)
        errorClass = rows.text(row, 8)
        stage = rows.text(row, 9)
        message = rows.text(row, 10)
        organisation = rows.isNull(row, 11) ? nil : rows.text(row, 11)
        schemaID = rows.isNull(row, 12) ? nil : rows.int32(row, 12)
        recordTimestamp = rows.moment(row, 13)
        key = rows.isNull(row, 14) ? nil : rows.bytes(row, 14)
        payloadSize = rows.isNull(row, 15) ? nil : Int(rows.int32(row, 15))
        recordedAt = Timestamp(microseconds: rows.timestamp(row, 16))
        firstSeen = Timestamp(microseconds: rows.timestamp(row, 17))
        attempt = rows.int32(row, 18)
        replayOf = rows.isNull(row, 19) ? nil : rows.int64(row, 19)
        replayCount = rows.int32(row, 20)
        replayed = rows.moment(row, 21).map { at in
            Replayed(
                at: at, by: rows.text(row, 22), partition: rows.int32(row, 23), offset: rows.int64(row, 24),
                isEdited: rows.bool(row, 25))
        }
        quarantinedAt = rows.moment(row, 26)
        releasedAt = rows.moment(row, 27)
    }
}

/// A dead letter with its record.
package struct StoredDeadLetter: Sendable {
    package let summary: DeadLetterSummary
    package let payload: [UInt8]?
    /// The producer's own.
    package let headers: [KafkaHeader]

    static let columns = "\(DeadLetterSummary.columns), payload, header_names, header_values"

    init(_ rows: borrowing ResultSet, _ row: Int) {
        summary = DeadLetterSummary(rows, row)
        let next = DeadLetterSummary.columnCount
        payload = rows.isNull(row, next) ? nil : rows.bytes(row, next)
        let names = rows.array(row, next + 1)
        let values = rows.array(row, next + 2)
        headers = zip(names, values).map { name, value in
            KafkaHeader(name: String(decoding: name ?? [], as: UTF8.self), value: value)
        }
    }
}

extension ResultSet {
    fileprivate func moment(_ row: Int, _ column: Int) -> Timestamp? {
        isNull(row, column) ? nil : Timestamp(microseconds: timestamp(row, column))
    }
}
