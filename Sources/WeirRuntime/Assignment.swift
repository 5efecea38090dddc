// Taking over partitions: raise the epoch, read back the offset, the keys and what is still to be published.

internal import Logging
internal import WeirCore
internal import WeirKafka
internal import WeirPostgres

/// What the last owner left in PostgreSQL, read under the new epoch.
struct Assignment {
    var partitions: [PartitionState] = []
    var outbox: [StoredMessages] = []
    var restoredKeys = 0

    /// After the epoch is raised the last owner can commit nothing more, so what is read here stays true.
    ///
    /// - Throws: `PostgresError` if the database is away, `WeirError` if it holds what Weir never wrote.
    static func take(_ wanted: [TopicPartition], job: Job, owner: String, session: DatabaseSession) throws -> Assignment
    {
        let connection = session.connection
        let sorted = wanted.sorted()
        var parameters = Parameters()
        parameters.add(job.topology.name)
        parameters.add(owner)
        parameters.addArray(.text, of: sorted) { $1.put($0.topic) }
        parameters.addArray(.int4, of: sorted) { $1.put($0.partition) }
        let rows = try connection.query(
            """
            INSERT INTO weir.partition AS p (topology, topic, partition, owner)
            SELECT $1::text, i.topic, i.partition, $2::text
            FROM unnest($3::text[], $4::int4[]) AS i(topic, partition)
            ON CONFLICT (topology, topic, partition) DO UPDATE
            SET epoch = p.epoch + 1, owner = excluded.owner, assigned_at = now()
            RETURNING topic, partition, epoch, next_offset
            """, parameters)
        var assignment = Assignment()
        let now = WallClock.now()
        for row in 0..<rows.count {
            let id = TopicPartition(topic: rows.text(row, 0), partition: rows.int32(row, 1))
            guard let source = job.topology.sources.firstIndex(where: { $0.topic == id.topic }) else { continue }
            let state = PartitionState(
                id: id, source: source, epoch: rows.int64(row, 2),
                committed: rows.isNull(row, 3) ? nil : rows.int64(row, 3),
                buckets: RetentionBuckets(retention: job.topology.sources[source].idempotency.retention, now: now))
            try restoreKeys(of: state, job: job, now: now, connection: connection)
            assignment.restoredKeys += state.seen.count
            assignment.partitions.append(state)
        }
        try assignment.readOutbox(of: sorted, job: job, connection: connection)
        return assignment
    }

    private static func restoreKeys(
        of state: PartitionState, job: Job, now: Int64, connection: PostgresConnection
    ) throws {
        // In pages: a partition's keys may be gigabytes, and one result is held in memory as a whole.
        var after: Int64 = -1
        while true {
            var parameters = Parameters()
            parameters.add(job.topology.name)
            parameters.add(state.id.topic)
            parameters.add(state.id.partition)
            parameters.add(timestamp: state.buckets.horizon(at: now))
            parameters.add(after)
            let rows = try connection.query(
                """
                SELECT id, seen_at, key_count, keys FROM weir.seen
                WHERE topology = $1::text AND topic = $2::text AND partition = $3::int4 AND seen_at >= $4::timestamptz
                    AND id > $5::int8
                ORDER BY id LIMIT 32
                """, parameters)
            guard rows.count > 0 else { return }
            after = rows.int64(rows.count - 1, 0)
            var total = 0
            for row in 0..<rows.count { total += Int(rows.int32(row, 2)) }
            state.seen.reserve(total)
            state.unmergedRows += rows.count
            for row in 0..<rows.count {
                let bucket = state.buckets.tag(at: rows.timestamp(row, 1))
                let complete = rows.withBytes(row, 3) { SeenKeys.restore($0, bucket: bucket, into: &state.seen) }
                guard complete else {
                    throw WeirError(
                        .bug, "weir.seen holds a row for \(state.id) that is not made of 24-byte keys",
                        advice: "Restore the table from a backup: without its keys repeats would be billed.")
                }
            }
        }
    }

    private mutating func readOutbox(
        of partitions: [TopicPartition], job: Job, connection: PostgresConnection
    ) throws {
        outbox = try Self.storedMessages(of: partitions, job: job, connection: connection)
    }

    /// Rows of weir.outbox that come from these partitions, oldest first.
    static func storedMessages(
        of partitions: [TopicPartition], job: Job, connection: PostgresConnection
    ) throws -> [StoredMessages] {
        var parameters = Parameters()
        parameters.add(job.topology.name)
        parameters.addArray(.text, of: partitions) { $1.put($0.topic) }
        parameters.addArray(.int4, of: partitions) { $1.put($0.partition) }
        let rows = try connection.query(
            """
            SELECT o.id, o.messages, o.topic, o.partition FROM weir.outbox o
            JOIN unnest($2::text[], $3::int4[]) AS i(topic, partition) USING (topic, partition)
            WHERE o.topology = $1::text ORDER BY o.id
            """, parameters)
        return try (0..<rows.count).map { row in
            guard let messages = OutboxBatch.unpack(rows.bytes(row, 1)) else {
                throw WeirError(.bug, "weir.outbox row \(rows.int64(row, 0)) is not what Weir packs")
            }
            let source = TopicPartition(topic: rows.text(row, 2), partition: rows.int32(row, 3))
            return StoredMessages(id: rows.int64(row, 0), source: source, messages: messages)
        }
    }
}
