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
            SELECT id, cause, org_id, schema_id, record_count, byte_count, parked_at FROM weir.parked
            WHERE topology = $1::text AND topic = $2::text AND partition = $3::int4 ORDER BY id
            """, parameters)
        return (0..<rows.count).map { row in
            ParkedRow(
                id: rows.int64(row, 0), source: id,
                cause: rows.text(row, 1) == "schema"
                    ? .schema(rows.int32(row, 3)) : .quota(Array(rows.text(row, 2).utf8)),
                records: Int(rows.int32(row, 4)), bytes: Int(rows.int64(row, 5)), parkedAt: rows.timestamp(row, 6))
        }
    }

    /// The records of a row. Only the partition's owner deletes it, with the batch that they are in.
    static func records(of row: ParkedRow, session: DatabaseSession) throws -> [HeldRecord] {
        var parameters = Parameters()
        parameters.add(row.id)
        let rows = try session.connection.query("SELECT records FROM weir.parked WHERE id = $1::int8", parameters)
        guard rows.count == 1, let records = ParkedRecords.unpack(rows.bytes(0, 0), of: row.source),
            records.count == row.records
        else { throw WeirError(.bug, "weir.parked row \(row.id) is not what Weir packs, or is gone") }
        return records
    }
}
