// What the demo asks PostgreSQL: how far Weir is, and what it billed.

import WeirBench
import WeirCore
import WeirPostgres

struct DemoDatabase {
    struct Progress {
        /// Records whose effect is committed, whatever it was.
        var processed = 0
        var counted = 0
        var duplicates = 0
        var conflicts = 0
        var deadLetters = 0
        var skipped = 0
        var windows = 0
        var unpublished = 0
    }

    private let connection: PostgresConnection

    init(_ string: String) throws { connection = try PostgresConnection(string, applicationName: "weir demo") }

    func progress() throws -> Progress {
        let rows = try connection.query(
            """
            SELECT coalesce(sum(counted), 0)::int8, coalesce(sum(duplicates), 0)::int8,
                coalesce(sum(conflicts), 0)::int8, coalesce(sum(dead_letters), 0)::int8,
                coalesce(sum(skipped), 0)::int8,
                (SELECT count(*) FROM billing.usage), (SELECT coalesce(sum(message_count), 0)::int8 FROM weir.outbox)
            FROM weir.partition
            """)
        var progress = Progress()
        progress.counted = Int(rows.int64(0, 0))
        progress.duplicates = Int(rows.int64(0, 1))
        progress.conflicts = Int(rows.int64(0, 2))
        progress.deadLetters = Int(rows.int64(0, 3))
        progress.skipped = Int(rows.int64(0, 4))
        progress.windows = Int(rows.int64(0, 5))
        progress.unpublished = Int(rows.int64(0, 6))
        progress.processed = progress.counted + progress.duplicates + progress.conflicts + progress.deadLetters
        return progress
    }

    func usage() throws -> [ActualUsage] {
        let rows = try connection.query(
            """
            SELECT org_id, meter, window_start, window_end, quantity::text, event_count FROM billing.usage
            """)
        return (0..<rows.count).map { row in
            ActualUsage(
                organisation: rows.text(row, 0), meter: rows.text(row, 1), windowStart: rows.timestamp(row, 2),
                windowEnd: rows.timestamp(row, 3), dimensions: [:], quantity: rows.text(row, 4),
                eventCount: rows.int64(row, 5))
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

    /// The busiest organisations: a line each with the totals of the meters.
    func billingTable(organisations: Int) throws -> [String] {
        var parameters = Parameters()
        parameters.add(Int64(organisations))
        let rows = try connection.query(
            """
            SELECT org_id,
                coalesce(max(quantity) FILTER (WHERE meter = 'storage_bytes'), 0)::int8::text,
                coalesce(sum(quantity) FILTER (WHERE meter = 'ai_analyses'), 0)::int8::text,
                coalesce(sum(quantity) FILTER (WHERE meter IN ('ai_input_tokens', 'ai_output_tokens')), 0)::int8::text,
                coalesce(max(quantity) FILTER (WHERE meter = 'active_users_monthly'), 0)::int8::text,
                sum(event_count) FILTER (WHERE meter IN ('storage_bytes', 'ai_analyses', 'active_users'))::int8::text
            FROM billing.usage GROUP BY org_id ORDER BY sum(event_count) DESC, org_id LIMIT $1::int8
            """, parameters)
        let header = ["organisation", "peak storage, bytes", "AI analyses", "AI tokens", "users this month", "events"]
        let table = [header] + (0..<rows.count).map { row in (0..<6).map { rows.text(row, Int($0)) } }
        let widths = (0..<6).map { column in table.map { $0[column].count }.max() ?? 0 }
        return table.map { line in
            line.enumerated().map { column, text in
                let space = String(repeating: " ", count: widths[column] - text.count)
                return column == 0 ? text + space : space + text
            }.joined(separator: "  ")
        }
    }
}
