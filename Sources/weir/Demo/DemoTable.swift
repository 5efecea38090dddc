// The demo's table of the busiest organisations, from the meters of the repository's topology.

import WeirPostgres

enum DemoTable {
    /// A line for each organisation with the totals of the meters.
    static func lines(_ connection: PostgresConnection, organisations: Int) throws -> [String] {
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
