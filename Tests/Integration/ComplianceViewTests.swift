// The views of schema slo, on rows whose sums are known.

import Foundation
import TestSupport
import Testing
import WeirPostgres

struct ComplianceViewTests {
    private let connection: PostgresConnection

    init() throws {
        connection = try TestDatabase.migrated().connect()
        try connection.query("SET TimeZone = 'UTC'")
        // A clock that stands: rows below are of 2026.
        try settle("2026-10-05 00:00Z")
    }

    private func settle(_ time: String) throws {
        try connection.query(
            """
            CREATE OR REPLACE FUNCTION slo.settled_until() RETURNS timestamptz LANGUAGE sql STABLE
                RETURN timestamptz '\(time)'
            """)
    }

    /// Hours of one partition, as `lag-slo` writes them.
    ///
    /// - Parameters:
    ///   - minutes: of each hour that are covered, from its start on.
    ///   - from: start of the first hour; `to` is the end of the last.
    private func report(
        _ topology: String = "billing", partition: Int = 0, from: String, to: String, records: Int = 10, good: Int = 10,
        minutes: Int = 60, overdue: Int = 0, target: Int = 990_000
    ) throws {
        let meters = [
            ("records", records), ("good", good), ("covered_ms", minutes * 60_000), ("overdue_ms", overdue * 60_000),
            ("target_ppm", target),
        ]
        try connection.become("weir_writer", organisation: nil)
        for (meter, quantity) in meters {
            try connection.query(
                """
                INSERT INTO slo.lag (org_id, meter, window_start, window_end, dimensions, aggregate, quantity,
                    event_count, revision, first_event_at, last_event_at, source_topic, source_partition, first_offset,
                    last_offset, topology, topology_version)
                SELECT '\(topology)', '\(meter)', h, h + interval '1h',
                    '{"source_topic": "calls", "source_partition": "\(partition)"}', 'sum', \(quantity), 60, 1, h,
                    h + interval '\(minutes - 1) minutes', 'slo.lag.v1', 0, 0, 1, 'lag-slo', 1
                FROM generate_series(timestamptz '\(from)', timestamptz '\(to)' - interval '1h', interval '1h') h
                """)
        }
        try connection.query("RESET ROLE")
    }

    private func row(_ sql: String) throws -> [String] {
        try connection.column("SELECT concat_ws('|', \(sql)")
    }

    private static let columns =
        """
        records, good, coalesce(compliance::text, '-'), coalesce(budget_left::text, '-'), expected_seconds,
        missing_seconds, overdue_seconds, time_compliance, time_budget_left, kept)
        """

    @Test func aQuarterWithoutFault() throws {
        try report(from: "2026-07-01 00:00Z", to: "2026-10-01 00:00Z")
        try settle("2026-10-01 00:00Z")
        let hours = 92 * 24
        #expect(
            try row("quarter, \(Self.columns) FROM slo.compliance_quarterly WHERE expected_seconds > 0") == [
                "2026-07-01|\(hours * 10)|\(hours * 10)|1.000000|1.000000|\(hours * 3600).000|0.000|0.000|1.000000|1.000000|t"
            ])
        #expect(try row("month) FROM slo.compliance_monthly WHERE kept ORDER BY 1").first == "2026-07-01")
    }

    /// Two partitions of ten days; one is silent for five hours, and for one minute something waited.
    @Test func missingAndOverdueTimeIsBad() throws {
        try report(partition: 0, from: "2026-08-01 00:00Z", to: "2026-08-11 00:00Z", good: 9)
        try report(partition: 1, from: "2026-08-01 00:00Z", to: "2026-08-05 07:00Z")
        try report(partition: 1, from: "2026-08-05 12:00Z", to: "2026-08-10 23:00Z")
        try report(partition: 1, from: "2026-08-10 23:00Z", to: "2026-08-11 00:00Z", overdue: 1)
        try settle("2026-08-11 00:00Z")
        // 4,750 records, 240 of them late where 47.5 may be; 1,728,000 s, of which 18,060 are bad and 17,280 may be.
        #expect(
            try row("month, \(Self.columns) FROM slo.compliance_monthly") == [
                "2026-08-01|4750|4510|0.949473|-4.052632|1728000.000|18000.000|60.000|0.989548|-0.045139|f"
            ])
        #expect(
            try row(
                "day, source_partition, expected_ms, missing_ms, overdue_ms, target_ppm) FROM slo.daily "
                    + "WHERE missing_ms + overdue_ms > 0 ORDER BY day") == [
                    "2026-08-05|1|86400000|18000000|0|990000", "2026-08-10|1|86400000|0|60000|990000",
                ])
    }

    /// The number that is asked for is not better because a topology died: silence goes on until somebody retires it.
    @Test func silenceIsBadUntilRetirement() throws {
        try report(from: "2026-09-01 00:00Z", to: "2026-09-02 00:00Z")
        let sum = "sum(missing_seconds)) FROM slo.compliance_daily"
        #expect(try row(sum) == ["\(33 * 86_400).000"])
        #expect(
            try row("compliance, time_compliance, kept) FROM slo.compliance_daily WHERE day = '2026-09-20'") == [
                "0.000000|f"
            ])
        #expect(try connection.column("SELECT DISTINCT target_ppm::text FROM slo.daily") == ["990000"])
        try connection.become("weir_admin", organisation: nil)
        try connection.query("INSERT INTO slo.retired VALUES ('billing', 'calls', '2026-09-02 00:00Z')")
        #expect(try row(sum) == ["0.000"])
        // It came back: what it says counts, and so does the time between.
        try connection.query("RESET ROLE")
        try report(from: "2026-09-04 00:00Z", to: "2026-09-04 01:00Z")
        #expect(try row(sum) == ["\(2 * 86_400).000"])
    }

    @Test func aDayGoesByItsStrictestTarget() throws {
        try report(from: "2026-09-01 00:00Z", to: "2026-09-01 12:00Z", records: 1000, good: 999)
        try report(from: "2026-09-01 12:00Z", to: "2026-09-02 00:00Z", records: 1000, good: 999, target: 999_000)
        try report(from: "2026-09-02 00:00Z", to: "2026-09-03 00:00Z", records: 1000, good: 999)
        try settle("2026-09-03 00:00Z")
        #expect(
            try row("day, budget_left, kept) FROM slo.compliance_daily WHERE records > 0 ORDER BY day") == [
                "2026-09-01|0.000000|t", "2026-09-02|0.900000|t",
            ])
    }

    @Test func anHourThatAClockRanThroughTwiceIsOneHour() throws {
        try report(from: "2026-09-01 00:00Z", to: "2026-09-01 01:00Z", minutes: 75)
        try report(from: "2026-09-01 02:00Z", to: "2026-09-01 03:00Z")
        try settle("2026-09-01 03:00Z")
        #expect(
            try row("expected_ms, missing_ms) FROM slo.daily WHERE expected_ms > 0") == ["10800000|3600000"])
    }

    @Test func anIdleTopologyKeepsItsPromise() throws {
        try report(from: "2026-09-01 00:00Z", to: "2026-09-02 00:00Z", records: 0, good: 0)
        try settle("2026-09-02 00:00Z")
        #expect(
            try row("\(Self.columns) FROM slo.compliance_daily WHERE expected_seconds > 0") == [
                "0|0|-|-|86400.000|0.000|0.000|1.000000|1.000000|t"
            ])
    }

    struct Reader: Sendable, CustomTestStringConvertible {
        let role: String
        let topology: String?
        let sees: [String]
        var testDescription: String { "\(role), app.org_id \(topology ?? "not set")" }
    }

    @Test(arguments: [
        Reader(role: "analyst", topology: nil, sees: []), Reader(role: "analyst", topology: "a", sees: ["a"]),
        Reader(role: "weir_admin", topology: nil, sees: ["a", "b"]),
        Reader(role: "weir_views", topology: nil, sees: []),
    ])
    func aRoleSeesItsTopologies(_ reader: Reader) throws {
        for topology in ["a", "b"] {
            try report(topology, from: "2026-09-01 00:00Z", to: "2026-09-01 01:00Z")
            try connection.query("INSERT INTO slo.retired VALUES ('\(topology)', 'calls', '2026-09-01 01:00Z')")
        }
        for (relation, name) in [
            ("lag", "org_id"), ("retired", "org_id"), ("daily", "topology"), ("compliance_daily", "topology"),
            ("compliance_monthly", "topology"), ("compliance_quarterly", "topology"),
        ] {
            try connection.become(reader.role, organisation: reader.topology)
            #expect(
                try connection.column("SELECT DISTINCT \(name) FROM slo.\(relation) ORDER BY 1") == reader.sees,
                "\(relation)")
        }
        if reader.role == "analyst" {
            connection.expectDenied("INSERT INTO slo.retired VALUES ('a', 'x')", "an analyst retires nothing")
        }
    }

    /// The queries of the page run as they stand there.
    @Test func theDocumentsQueriesRun() throws {
        let page = try String(contentsOfFile: Repository.path("docs/slo.md"), encoding: .utf8)
        let queries = page.matches(of: /```sql\n((?s).*?)```/).map { String($0.1) }
        #expect(queries.count == 2)
        try connection.query(
            """
            CREATE OR REPLACE FUNCTION slo.settled_until() RETURNS timestamptz LANGUAGE sql STABLE
                RETURN date_trunc('quarter', now())
            """)
        let quarter = try connection.column("SELECT date_trunc('quarter', now() - interval '3 months')::text")[0]
        let end = try connection.column("SELECT date_trunc('quarter', now())::text")[0]
        try report("billing-usage", from: quarter, to: end, good: 9)
        try connection.become("analyst", organisation: "billing-usage")
        let query = try #require(queries[0].split(separator: ";").first)
        #expect(
            try row("topology, compliance, budget_left, missing_seconds, kept) FROM (\(query)) AS q")
                == ["billing-usage|0.900000|-9.000000|0.000|f"])
        try connection.query(queries[1])
    }
}
