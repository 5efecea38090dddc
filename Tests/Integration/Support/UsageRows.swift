// A row of each of two organisations in every table of schema billing.

import WeirPostgres

enum UsageRows {
    static let organisations = ["org-a", "org-b"]

    /// Inserts them as `weir_writer`, the role that `weir run` works as.
    static func insert(_ connection: PostgresConnection) throws {
        try connection.become("weir_writer", organisation: nil)
        for organisation in organisations {
            try connection.query(
                """
                INSERT INTO billing.usage (org_id, meter, window_start, window_end, aggregate, quantity, event_count,
                    revision, first_event_at, last_event_at, source_topic, source_partition, first_offset, last_offset,
                    topology, topology_version)
                VALUES ('\(organisation)', 'api_calls', '2026-03-01 10:00Z', '2026-03-01 11:00Z', 'sum', 12.5, 3,
                    1, '2026-03-01 10:00Z', '2026-03-01 10:30Z', 'usage', 0, 10, 12, 'billing-usage', 1)
                """)
            try connection.query(
                """
                INSERT INTO billing.correction (org_id, meter, window_start, window_end, dimensions, previous_quantity,
                    quantity, event_count, revision, source_topic, source_partition, first_offset, last_offset)
                VALUES ('\(organisation)', 'api_calls', '2026-03-01 10:00Z', '2026-03-01 11:00Z', '{}', 10, 12.5, 1, 2,
                    'usage', 0, 12, 12)
                """)
            try connection.query(
                """
                INSERT INTO billing.conflict (org_id, idempotency_key, topology, source_topic, source_partition,
                    source_offset, payload)
                VALUES ('\(organisation)', 'key', 'billing-usage', 'usage', 0, \(organisation == "org-a" ? 1 : 2), 'x')
                """)
        }
        try connection.query("RESET ROLE")
    }
}
