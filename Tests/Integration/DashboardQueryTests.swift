// The SQL of Grafana's dashboards, as its role would run it, on a migrated database: planned, run, and right.

import Foundation
import TestSupport
import Testing
import WeirPostgres

struct DashboardQueryTests {
    private struct Question {
        let place: String
        let sql: String
    }

    @Test func everyQueryRunsForGrafanasRole() throws {
        let connection = try TestDatabase.migrated().connect()
        try Self.fill(connection)
        try connection.become("weir_admin", organisation: nil)
        var silent: [String] = []
        let questions = try Self.questions()
        #expect(questions.count > 15)
        for question in questions {
            let sql = Self.withoutVariables(question.sql)
            #expect(!sql.contains("$"), "\(question.place): \(sql)")
            do {
                try connection.query("EXPLAIN \(sql)")
                if try connection.query(sql).count == 0 { silent.append(question.place) }
            } catch {
                Issue.record("\(question.place): \(error)\n\(sql)")
            }
        }
        #expect(silent == [], "the tables have rows for each of them")
    }

    @Test func theBusiestOrganisationComesFirst() throws {
        let connection = try TestDatabase.migrated().connect()
        try Self.fill(connection)
        try connection.become("weir_admin", organisation: nil)
        func first(_ panel: String) throws -> String? {
            let question = try #require(try Self.questions().first { $0.place == "tenants.json: \(panel)" })
            return try connection.column(Self.withoutVariables(question.sql)).first
        }
        #expect(try first("Most events") == "busy")
        #expect(try first("Over their quota now") == "patient")
        #expect(try first("Dead letters") == "busy")
    }

    /// Two organisations, and something of everything that a panel asks about.
    private static func fill(_ connection: PostgresConnection) throws {
        try connection.become("weir_writer", organisation: nil)
        let hour = "date_trunc('hour', now())"
        try connection.query(
            """
            INSERT INTO billing.usage (org_id, meter, window_start, window_end, aggregate, quantity, event_count, revision,
                first_event_at, last_event_at, source_topic, source_partition, first_offset, last_offset, topology,
                topology_version)
            SELECT org, 'm', \(hour), \(hour) + interval '1 hour', 'count', n, n, 1, now(), now(), 's', 0, 0, n, 't', 1
            FROM (VALUES ('quiet', 1), ('busy', 5)) AS v(org, n)
            """)
        try connection.query(
            "INSERT INTO weir.meter (output_table, meter, topology, definition) VALUES ('billing.usage', 'm', 't', 'd')"
        )
        try connection.query(
            """
            INSERT INTO weir.parked (topology, topic, partition, cause, org_id, schema_id, first_offset, last_offset,
                record_count, byte_count, parked_at, records)
            VALUES ('t', 's', 0, 'quota', 'busy', NULL, 0, 8, 9, 900, now(), ''),
                ('t', 's', 0, 'quota', 'patient', NULL, 0, 0, 1, 100, now() - interval '1 minute', ''),
                ('t', 's', 0, 'schema', NULL, 7, 1, 1, 1, 100, now(), '')
            """)
        try connection.query(
            """
            INSERT INTO weir.dead_letter (topology, topology_version, topic, partition, "offset", reason, class, stage,
                message, org_id, header_names, header_values, replayed_at, quarantined_at)
            VALUES ('t', 1, 's', 0, 0, 'not_framed', 'record', 'frame', 'm', 'busy', '{}', '{}', now(), now())
            """)
        try connection.query(
            """
            INSERT INTO billing.conflict (org_id, idempotency_key, topology, source_topic, source_partition, source_offset,
                payload) VALUES ('busy', 'k', 't', 's', 0, 0, '')
            """)
        try connection.query(
            """
            INSERT INTO billing.correction (org_id, meter, window_start, window_end, dimensions, previous_quantity, quantity,
                event_count, revision, source_topic, source_partition, first_offset, last_offset)
            VALUES ('busy', 'm', now(), now(), '{}', 1, 2, 1, 2, 's', 0, 0, 0)
            """)
    }

    // MARK: The files

    /// As Grafana would fill them in: the values that `fill` uses, and the last hour.
    private static func withoutVariables(_ sql: String) -> String {
        sql.replacing("${topology}", with: "t").replacing("${meter}", with: "m")
            .replacing("$__timeFrom()", with: "'\(stamp(-3600))'").replacing("$__timeTo()", with: "'\(stamp(60))'")
            .replacing(/\$__timeFilter\(([\w."]+)\)/) { "\($0.1) BETWEEN '\(stamp(-3600))' AND '\(stamp(60))'" }
    }

    private static func stamp(_ seconds: TimeInterval) -> String {
        Date(timeIntervalSinceNow: seconds).ISO8601Format()
    }

    private static func questions() throws -> [Question] {
        let folder = Repository.path("deploy/grafana")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }
            .sorted()
        return try files.flatMap { file in
            let whole = try JSONDecoder().decode(
                File.self, from: Data(contentsOf: URL(filePath: "\(folder)/\(file)")))
            let panels = whole.panels.flatMap { panel in
                (panel.targets ?? []).compactMap { target in
                    target.rawSql.map { Question(place: "\(file): \(panel.title)", sql: $0) }
                }
            }
            let variables = whole.templating.list.compactMap { variable in
                variable.definition.flatMap { text in
                    text.hasPrefix("SELECT ") ? Question(place: "\(file): $\(variable.name)", sql: text) : nil
                }
            }
            return panels + variables
        }
    }

    private struct File: Decodable {
        let panels: [Panel]
        let templating: Templating
    }

    private struct Panel: Decodable {
        let title: String
        let targets: [Target]?
    }

    private struct Target: Decodable {
        let rawSql: String?
    }

    private struct Templating: Decodable {
        let list: [Variable]
    }

    private struct Variable: Decodable {
        let name: String
        let definition: String?
    }
}
