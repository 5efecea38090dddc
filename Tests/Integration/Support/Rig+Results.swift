// What Weir made of the input, as PostgreSQL and the output topic tell it.

import WeirAvro
import WeirBench
import WeirCore
import WeirKafka
import WeirPostgres

extension Rig {
    func usage() throws -> [ActualUsage] { try usageAndRevisions().map(\.usage) }

    func revisions() throws -> [PublishedUsage.Name: Int64] {
        let pairs = try usageAndRevisions().map { (PublishedUsage.Name($0.usage), $0.revision) }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    private func usageAndRevisions() throws -> [(usage: ActualUsage, revision: Int64)] {
        let rows = try connection.query(
            """
            SELECT org_id, meter, window_start, window_end, quantity::text, event_count, revision,
                (SELECT string_agg(key || '=' || value, E'\\x01') FROM jsonb_each_text(dimensions))
            FROM \(topology.outputs.table)
            """)
        return (0..<rows.count).map { row in
            var dimensions: [String: String] = [:]
            for pair in rows.isNull(row, 7) ? [] : rows.text(row, 7).split(separator: "\u{1}") {
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                dimensions[String(parts[0])] = String(parts[1])
            }
            let usage = ActualUsage(
                organisation: rows.text(row, 0), meter: rows.text(row, 1), windowStart: rows.timestamp(row, 2),
                windowEnd: rows.timestamp(row, 3), dimensions: dimensions, quantity: rows.text(row, 4),
                eventCount: rows.int64(row, 5))
            return (usage, rows.int64(row, 6))
        }
    }

    func published() throws -> PublishedUsage? {
        guard let topic = topology.outputs.topic, let entry = schemas.latest(subject: topology.outputs.schema) else {
            return nil
        }
        return try PublishedUsage(TopicContents.read(topic, brokers: brokers), schema: entry.schema)
    }

    /// weir.partition's counters by topic.
    func counters() throws -> [String: Expectation.Counts] {
        let rows = try connection.query(
            """
            SELECT topic, sum(counted)::int8, sum(duplicates)::int8, sum(conflicts)::int8, sum(dead_letters)::int8
            FROM weir.partition GROUP BY topic
            """)
        var counters: [String: Expectation.Counts] = [:]
        for row in 0..<rows.count {
            var counts = Expectation.Counts()
            counts.unique = Int(rows.int64(row, 1))
            counts.repeats = Int(rows.int64(row, 2))
            counts.conflicts = Int(rows.int64(row, 3))
            counts.deadLetters = Int(rows.int64(row, 4))
            counts.produced = counts.unique + counts.repeats + counts.conflicts + counts.deadLetters
            if counts.produced > 0 { counters[rows.text(row, 0)] = counts }
        }
        return counters
    }

    func conflictRows() throws -> [String: Int] {
        let rows = try connection.query("SELECT source_topic, count(*) FROM billing.conflict GROUP BY source_topic")
        return Dictionary(uniqueKeysWithValues: (0..<rows.count).map { (rows.text($0, 0), Int(rows.int64($0, 1))) })
    }

    /// Topic → reason → rows.
    func deadLetterRows() throws -> [String: [String: Int]] {
        let rows = try connection.query("SELECT topic, reason, count(*) FROM weir.dead_letter GROUP BY topic, reason")
        var counts: [String: [String: Int]] = [:]
        for row in 0..<rows.count {
            counts[rows.text(row, 0), default: [:]][rows.text(row, 1)] = Int(rows.int64(row, 2))
        }
        return counts
    }

    /// Where Weir would go on reading; partitions with nothing in them are left out.
    func nextOffsets() throws -> [TopicPartition: Int64] {
        let rows = try connection.query(
            "SELECT topic, partition, next_offset FROM weir.partition WHERE next_offset IS NOT NULL")
        var offsets: [TopicPartition: Int64] = [:]
        for row in 0..<rows.count {
            offsets[TopicPartition(topic: rows.text(row, 0), partition: rows.int32(row, 1))] = rows.int64(row, 2)
        }
        return offsets
    }

    /// Where the input ends.
    func inputEnds() throws -> [TopicPartition: Int64] {
        var ends: [TopicPartition: Int64] = [:]
        for source in topology.sources {
            ends.merge(try TopicContents.ends(source.topic, brokers: brokers)) { $1 }
        }
        return ends.filter { $0.value > 0 }
    }

    /// All tables but the epochs and the times, as one hash: unchanged if nothing was done.
    func fingerprint() throws -> String {
        try connection.column(
            """
            SELECT md5(string_agg(row::text, E'\\n' ORDER BY row::text)) FROM (
                SELECT to_jsonb(u) AS row FROM \(topology.outputs.table) u
                UNION ALL SELECT to_jsonb(c) FROM billing.conflict c
                UNION ALL SELECT to_jsonb(c) FROM billing.correction c
                UNION ALL SELECT to_jsonb(d) FROM weir.dead_letter d
                UNION ALL SELECT to_jsonb(m) FROM weir.member m
                UNION ALL SELECT to_jsonb(s) FROM weir.seen s
                UNION ALL SELECT to_jsonb(p) - '{epoch,owner,assigned_at}'::text[] FROM weir.partition p
            ) AS rows
            """)[0]
    }
}
