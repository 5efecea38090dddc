// What a demo or a campaign asks PostgreSQL: how far Weir is, and what it billed.

import WeirBench
import WeirCore
import WeirKafka
import WeirPostgres

struct FieldDatabase {
    struct Progress {
        /// Records whose effect is committed, whatever it was.
        var processed = 0
        var counted = 0
        var duplicates = 0
        var conflicts = 0
        var deadLetters = 0
        var skipped = 0
        var unpublished = 0
        /// Records that wait in weir.parked, say for their schemas.
        var parked = 0
        /// The server's clock, in microseconds since 1970.
        var clock: Int64 = 0
        /// Of the partitions that have had records, the one that committed longest ago; 0 before the first commit.
        var oldestCommit: Int64 = 0
    }

    let connection: PostgresConnection
    private let table: String

    /// - Parameter table: the topology's output table, a checked identifier.
    init(_ string: String, table: String, applicationName: String) throws {
        connection = try PostgresConnection(string, applicationName: applicationName)
        connection.longestWait = 60
        self.table = table
    }

    /// Fails if workers with the same login could not write.
    func checkRights() throws {
        let rows = try connection.query("SELECT pg_has_role('weir_writer', 'USAGE'), session_user::text")
        guard !rows.bool(0, 0) else { return }
        throw WeirError(
            .unavailable, "the workers could not act as weir_writer: login \(rows.text(0, 1)) is no member of it",
            advice: "GRANT weir_writer TO \(rows.text(0, 1)); the role is there now.")
    }

    /// Makes the output table in a fresh database, unless the migrations have.
    func createTable() throws {
        guard try connection.query("SELECT to_regclass('\(table)') IS NULL").bool(0, 0) else { return }
        let schema = table.split(separator: ".")[0]
        try connection.script(
            """
            CREATE SCHEMA IF NOT EXISTS \(schema);
            GRANT USAGE ON SCHEMA \(schema) TO weir_writer;
            CALL weir.create_usage_table('\(table)');
            """)
    }

    func progress() throws -> Progress {
        let rows = try connection.query(
            """
            SELECT coalesce(sum(counted), 0)::int8, coalesce(sum(duplicates), 0)::int8,
                coalesce(sum(conflicts), 0)::int8, coalesce(sum(dead_letters), 0)::int8,
                coalesce(sum(skipped), 0)::int8,
                (SELECT coalesce(sum(message_count), 0)::int8 FROM weir.outbox),
                clock_timestamp(), coalesce(min(committed_at), 'epoch'::timestamptz), coalesce(sum(parked), 0)::int8
            FROM weir.partition
            """)
        var progress = Progress()
        progress.counted = Int(rows.int64(0, 0))
        progress.duplicates = Int(rows.int64(0, 1))
        progress.conflicts = Int(rows.int64(0, 2))
        progress.deadLetters = Int(rows.int64(0, 3))
        progress.skipped = Int(rows.int64(0, 4))
        progress.unpublished = Int(rows.int64(0, 5))
        progress.clock = rows.timestamp(0, 6)
        progress.oldestCommit = rows.timestamp(0, 7)
        progress.parked = Int(rows.int64(0, 8))
        progress.processed = progress.counted + progress.duplicates + progress.conflicts + progress.deadLetters
        return progress
    }

    /// The first offset of each partition whose effect is not committed.
    func positions() throws -> [TopicPartition: Int64] { Self.positions(of: try connection.query(Self.positionsQuery)) }

    static let positionsQuery = "SELECT topic, partition, coalesce(next_offset, 0) FROM weir.partition"

    static func positions(of rows: borrowing ResultSet) -> [TopicPartition: Int64] {
        var positions: [TopicPartition: Int64] = [:]
        for row in 0..<rows.count {
            positions[TopicPartition(topic: rows.text(row, 0), partition: rows.int32(row, 1))] = rows.int64(row, 2)
        }
        return positions
    }

    /// How often rows of the output table were written: each time raises a row's revision by one.
    func usageWrites() throws -> Int64 {
        try connection.query("SELECT coalesce(sum(revision), 0)::int8 FROM \(table)").int64(0, 0)
    }

    /// Server processes of sessions with this one's application name.
    func ownSessions() throws -> Set<Int32> {
        let rows = try connection.query(
            """
            SELECT b.pid FROM pg_stat_activity a JOIN pg_stat_activity b USING (application_name)
            WHERE a.pid = pg_backend_pid()
            """)
        return Set((0..<rows.count).map { rows.int32($0, 0) })
    }

    func windows() throws -> Int { Int(try connection.query("SELECT count(*) FROM \(table)").int64(0, 0)) }

    /// All results, each with its revision.
    func usage() throws -> [(revision: Int64, usage: ActualUsage)] {
        let rows = try connection.query(
            """
            SELECT u.org_id, u.meter, u.window_start, u.window_end, u.quantity::text, u.event_count, u.revision,
                d.names, d.words
            FROM \(table) u, LATERAL (
                SELECT string_agg(key, E'\\x01' ORDER BY key) AS names,
                    string_agg(coalesce(value, ''), E'\\x01' ORDER BY key) AS words
                FROM jsonb_each_text(u.dimensions)) d
            """)
        return (0..<rows.count).map { row in
            var dimensions: [String: String] = [:]
            if !rows.isNull(row, 7) {
                func parts(_ column: Int) -> [Substring] {
                    rows.text(row, column).split(separator: "\u{1}", omittingEmptySubsequences: false)
                }
                for (name, word) in zip(parts(7), parts(8)) { dimensions[String(name)] = String(word) }
            }
            let usage = ActualUsage(
                organisation: rows.text(row, 0), meter: rows.text(row, 1), windowStart: rows.timestamp(row, 2),
                windowEnd: rows.timestamp(row, 3), dimensions: dimensions, quantity: rows.text(row, 4),
                eventCount: rows.int64(row, 5))
            return (rows.int64(row, 6), usage)
        }
    }

    /// Topic → reason → records.
    func deadLetters() throws -> [String: [String: Int]] {
        let rows = try connection.query("SELECT topic, reason, count(*) FROM weir.dead_letter GROUP BY topic, reason")
        var counts: [String: [String: Int]] = [:]
        for row in 0..<rows.count {
            counts[rows.text(row, 0), default: [:]][rows.text(row, 1)] = Int(rows.int64(row, 2))
        }
        return counts
    }
}
