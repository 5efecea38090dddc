// Checks that need no generator and no code of Weir: PostgreSQL looks at what was written there.

import WeirBench
import WeirCore
import WeirKafka
import WeirPostgres

struct Audit {
    let connection: PostgresConnection
    let topology: Topology

    /// - Parameters:
    ///   - ends: the end of each partition's log, as the broker says.
    ///   - positions: as far as Weir says it read.
    func checks(ends: [TopicPartition: Int64], positions: [TopicPartition: Int64], took seconds: Double) throws
        -> [FieldCheck]
    {
        var checks = [
            try check(
                "offsets accounted for",
                words: """
                    SELECT format('%s offsets = %s counted + %s repeats + %s conflicts + %s dead letters, %s skipped',
                        sum(next_offset), sum(counted), sum(duplicates), sum(conflicts), sum(dead_letters), sum(skipped))
                    FROM weir.partition
                    """,
                violations: """
                    SELECT format('%s/%s: next_offset %s, but %s records accounted for, %s skipped, %s waiting', topic,
                        partition, next_offset, counted + duplicates + conflicts + dead_letters, skipped, parked)
                    FROM weir.partition
                    WHERE counted + duplicates + conflicts + dead_letters <> coalesce(next_offset, 0) OR skipped <> 0
                        OR parked <> 0 OR diverted <> 0
                    """),
            logs(ends, positions),
            try check(
                "every commit adds up",
                words: """
                    SELECT format('%s steps of offsets', count(*))
                    FROM verify.step WHERE offset_after IS DISTINCT FROM offset_before
                    """,
                violations: """
                    SELECT format('%s/%s epoch %s: from %s to %s with %s records', topic, partition, epoch,
                        offset_before, offset_after, accounted)
                    FROM verify.step
                    WHERE coalesce(offset_after, 0) - coalesce(offset_before, 0) <> accounted
                        OR offset_after < offset_before OR (offset_after IS NULL AND offset_before IS NOT NULL)
                    """),
            try check(
                "epochs only grow",
                words: """
                    SELECT format('%s raised %s times in all', count(*), sum(epoch - 1)) FROM weir.partition
                    """,
                violations: """
                    SELECT format('%s/%s: epoch %s after %s, offset %s after %s', topic, partition, epoch, epoch_before,
                        offset_after, offset_before)
                    FROM verify.step
                    WHERE epoch < epoch_before OR (epoch <> epoch_before AND offset_after IS DISTINCT FROM offset_before)
                    """),
            try meters(),
            try refusals(),
            try check(
                "sources of results",
                words: "SELECT format('%s results against the offsets that were read', count(*)) FROM \(table)",
                violations: """
                    SELECT format('%s %s %s: offsets %s to %s of %s/%s', u.org_id, u.meter, u.window_start,
                        u.first_offset, u.last_offset, u.source_topic, u.source_partition)
                    FROM \(table) u LEFT JOIN weir.partition p
                        ON p.topic = u.source_topic AND p.partition = u.source_partition
                    WHERE u.first_offset < 0 OR u.first_offset > u.last_offset
                        OR u.last_offset >= coalesce(p.next_offset, 0)
                    """),
        ]
        // Later than that, keys may have been forgotten by then, and rightly so.
        let retention = topology.sources.map(\.idempotency.retention.microseconds).min() ?? 0
        if Double(retention) / 1e6 > seconds * 2 { checks.append(try keys()) }
        if topology.meters.contains(where: { $0.aggregate == .unique }) { checks.append(try members()) }
        return checks
    }

    private var table: String { topology.outputs.table }

    private func logs(_ ends: [TopicPartition: Int64], _ found: [TopicPartition: Int64]) -> FieldCheck {
        let differences = ends.sorted { $0.key < $1.key }.filter { found[$0.key, default: 0] != $0.value }
            .map { "\($0.key): read up to \(found[$0.key, default: 0]), the log ends at \($0.value)" }
        let words = "\(ends.values.reduce(0, +)) records in \(ends.count) partitions"
        return FieldCheck(
            "logs read to their ends", differences.isEmpty,
            ([words] + differences.prefix(Self.mostExamples)).joined(separator: "\n"))
    }

    private func meters() throws -> FieldCheck {
        let pairs = topology.meters.map { "('\($0.name)', '\($0.source)')" }.joined(separator: ", ")
        let sums = """
            SELECT m.meter, (SELECT coalesce(sum(event_count), 0) FROM \(table) u WHERE u.meter = m.meter) AS billed,
                (SELECT coalesce(sum(counted), 0) FROM weir.partition p WHERE p.topic = m.topic) AS counted
            FROM (VALUES \(pairs)) AS m(meter, topic)
            """
        return try check(
            "meters add up",
            words: "SELECT format('%s meters against the events of their topics', count(*)) FROM (\(sums)) AS s",
            violations: """
                SELECT format('%s: %s events in its windows, %s counted', meter, billed, counted)
                FROM (\(sums)) AS s WHERE billed <> counted
                """)
    }

    private func refusals() throws -> FieldCheck {
        let counts = """
            SELECT p.topic, p.partition, p.dead_letters, p.conflicts,
                (SELECT count(DISTINCT "offset") FROM weir.dead_letter d WHERE d.topic = p.topic
                    AND d.partition = p.partition AND d."offset" < p.next_offset) AS letters,
                (SELECT count(DISTINCT source_offset) FROM billing.conflict c WHERE c.source_topic = p.topic
                    AND c.source_partition = p.partition AND c.source_offset < p.next_offset) AS disputes
            FROM weir.partition p
            """
        return try check(
            "refused records kept",
            words: "SELECT format('%s dead letters, %s conflicts', sum(letters), sum(disputes)) FROM (\(counts)) AS c",
            violations: """
                SELECT format('%s/%s: %s of %s dead letters, %s of %s conflicts', topic, partition, letters,
                    dead_letters, disputes, conflicts)
                FROM (\(counts)) AS c WHERE letters <> dead_letters OR disputes <> conflicts
                """)
    }

    /// Unpacks weir.seen: 24 bytes a key, of which 16 are its hash.
    private func keys() throws -> FieldCheck {
        let counts = """
            SELECT p.topic, p.partition, p.counted, count(k.hash) AS stored, count(DISTINCT k.hash) AS different
            FROM weir.partition p LEFT JOIN (
                SELECT s.topic, s.partition, substring(s.keys FROM 1 + 24 * i FOR 16) AS hash
                FROM weir.seen s, generate_series(0, octet_length(s.keys) / 24 - 1) AS i) AS k
                ON k.topic = p.topic AND k.partition = p.partition
            GROUP BY p.topic, p.partition, p.counted
            """
        return try check(
            "a key for each event",
            words: "SELECT format('%s different keys', sum(different)) FROM (\(counts)) AS c",
            violations: """
                SELECT format('%s/%s: %s events counted, %s keys, %s of them different', topic, partition, counted,
                    stored, different)
                FROM (\(counts)) AS c WHERE counted <> stored OR stored <> different
                """)
    }

    private func members() throws -> FieldCheck {
        let sums = """
            SELECT (SELECT coalesce(sum(quantity), 0)::int8 FROM \(table) WHERE aggregate = 'unique') AS billed,
                (SELECT count(*) FROM weir.member) AS stored
            """
        return try check(
            "unique members", words: "SELECT format('%s of %s', billed, stored) FROM (\(sums)) AS s",
            violations: "SELECT '' FROM (\(sums)) AS s WHERE billed <> stored")
    }

    private static let mostExamples = 5

    private func check(_ name: String, words: String, violations: String) throws -> FieldCheck {
        let summary = try connection.query(words).text(0, 0)
        let rows = try connection.query("SELECT words FROM (\(violations)) AS v(words) LIMIT \(Self.mostExamples + 1)")
        let examples = (0..<rows.count).prefix(Self.mostExamples).map { rows.text($0, 0) }.filter { !$0.isEmpty }
        let more = rows.count > Self.mostExamples ? ["…"] : []
        return FieldCheck(name, rows.count == 0, ([summary] + examples + more).joined(separator: "\n"))
    }
}
