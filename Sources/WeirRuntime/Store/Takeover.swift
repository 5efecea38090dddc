// Taking over partitions: raise the epoch, read back the offset, the keys and what is still to be published.

internal import WeirCore
internal import WeirKafka
internal import WeirPostgres

/// What a batch whose fate was unknown turned out to be.
enum BatchFate {
    case committed, pending, foreign
}

enum Takeover {
    /// After the epoch is raised the last owner can commit nothing more, so what is read then stays true.
    static func claim(_ wanted: [TopicPartition], job: Job, session: DatabaseSession) throws -> [Claim] {
        let sorted = wanted.sorted()
        var version = Parameters()
        version.add(job.topology.name)
        version.add(Int32(job.topology.version))
        try session.connection.query("SELECT weir.require_version($1::text, $2::int4)", version)
        var parameters = Parameters()
        parameters.add(job.topology.name)
        parameters.add(session.owner)
        parameters.addArray(.text, of: sorted) { $1.put($0.topic) }
        parameters.addArray(.int4, of: sorted) { $1.put($0.partition) }
        let rows = try session.connection.query(
            """
            INSERT INTO weir.partition AS p (topology, topic, partition, owner)
            SELECT $1::text, i.topic, i.partition, $2::text
            FROM unnest($3::text[], $4::int4[]) AS i(topic, partition)
            ON CONFLICT (topology, topic, partition) DO UPDATE
            SET epoch = p.epoch + 1, owner = excluded.owner, assigned_at = now()
            RETURNING topic, partition, epoch, next_offset, sequence
            """, parameters)
        return (0..<rows.count).map { row in
            Claim(
                id: TopicPartition(topic: rows.text(row, 0), partition: rows.int32(row, 1)),
                epoch: rows.int64(row, 2), nextOffset: rows.isNull(row, 3) ? nil : rows.int64(row, 3),
                sequence: rows.int64(row, 4))
        }
    }

    /// What the partitions' rows say about a batch.
    static func fate(of batch: borrowing OpenBatch, job: Job, session: DatabaseSession) throws -> BatchFate {
        let parts = batch.parts
        var parameters = Parameters()
        parameters.add(job.topology.name)
        parameters.addArray(.text, of: parts) { $1.put($0.id.topic) }
        parameters.addArray(.int4, of: parts) { $1.put($0.id.partition) }
        // A session that is gone may still be committing: its locks are waited for.
        let rows = try session.connection.query(
            """
            SELECT p.epoch, p.sequence
            FROM unnest($2::text[], $3::int4[]) WITH ORDINALITY AS i(topic, partition, number)
            JOIN weir.partition p ON p.topology = $1::text AND p.topic = i.topic AND p.partition = i.partition
            ORDER BY i.number FOR UPDATE OF p
            """, parameters)
        guard rows.count == parts.count else { return .foreign }
        var written = 0
        for (row, part) in parts.enumerated() {
            guard rows.int64(row, 0) == part.epoch else { return .foreign }
            switch rows.int64(row, 1) - part.sequence {
            case 0: break
            case 1: written += 1
            default: return .foreign
            }
        }
        // All of a batch is in one transaction.
        if written == 0 { return .pending }
        return written == parts.count ? .committed : .foreign
    }

    /// Rows of weir.outbox that come from these partitions, oldest first.
    static func storedMessages(
        of partitions: [TopicPartition], job: Job, session: DatabaseSession
    ) throws -> [StoredMessages] {
        var parameters = Parameters()
        parameters.add(job.topology.name)
        parameters.addArray(.text, of: partitions) { $1.put($0.topic) }
        parameters.addArray(.int4, of: partitions) { $1.put($0.partition) }
        let rows = try session.connection.query(
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
