// weir.parked, read back.

internal import WeirCore
internal import WeirKafka
internal import WeirPostgres

enum ParkingLot {
    /// Rows of a partition, oldest first, without their records.
    static func rows(of id: TopicPartition, job: Job, session: DatabaseSession) throws -> [ParkedRow] {
        var parameters = Parameters()
        parameters.add(job.topology.name)
        parameters.add(id.topic)
        parameters.add(id.partition)
        let rows = try session.connection.query(
            """
            SELECT id, cause, org_id, schema_id, record_count, byte_count, parked_at,
                (extract(epoch FROM now() - parked_at) * 1000000)::int8
            FROM weir.parked
            WHERE topology = $1::text AND topic = $2::text AND partition = $3::int4 ORDER BY id
            """, parameters)
        return (0..<rows.count).map { row in
            ParkedRow(
                id: rows.int64(row, 0), source: id,
                cause: rows.text(row, 1) == "schema"
                    ? .schema(rows.int32(row, 3)) : .quota(Array(rows.text(row, 2).utf8)),
                records: Int(rows.int32(row, 4)), bytes: Int(rows.int64(row, 5)), parkedAt: rows.timestamp(row, 6),
                waited: rows.int64(row, 7))
        }
    }

    /// Another worker has the partition now, and has metered it; or somebody deleted it by hand.
    struct RowGone: Error, CustomStringConvertible {
        let id: Int64
        var description: String { "weir.parked row \(id) is gone" }
    }

    /// The records of rows. Only the partition's owner deletes them, with the batch that they are in.
    static func records(of wanted: [ParkedRow], session: DatabaseSession) throws -> [[HeldRecord]] {
        var parameters = Parameters()
        parameters.addArray(.int8, of: wanted) { $1.put($0.id) }
        let rows = try session.connection.query(
            "SELECT id, records FROM weir.parked WHERE id = ANY($1::int8[])", parameters)
        var places: [Int64: Int] = [:]
        for row in 0..<rows.count { places[rows.int64(row, 0)] = row }
        return try wanted.map { row in
            guard let place = places[row.id] else { throw RowGone(id: row.id) }
            guard let records = ParkedRecords.unpack(rows.bytes(place, 1), of: row.source),
                records.count == row.records
            else {
                throw WeirError(
                    .bug, "weir.parked row \(row.id) does not hold the \(row.records) records that it says",
                    advice: "Restore the table from a backup: those records are in no total yet.")
            }
            return records
        }
    }
}
