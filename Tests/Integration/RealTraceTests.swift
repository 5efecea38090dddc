// A recorded hour of a real service, replayed from the command line, against sums that awk takes from the file.

import Foundation
import TestSupport
import Testing
import WeirBench
import WeirPostgres

/// The Azure LLM inference trace of 2023; see the README beside it.
private let trace: String? = {
    let shared = ProcessInfo.processInfo.environment["WEIR_SHARED"] ?? Repository.path("../shared")
    let file = shared + "/data/azure-llm-inference-2023-conv.csv"
    return FileManager.default.isReadableFile(atPath: file) ? file : nil
}()

@Suite(.enabled(if: trace != nil, "needs azure-llm-inference-2023-conv.csv in ../shared/data or $WEIR_SHARED/data"))
struct RealTraceTests {
    @Test func totalsAreThoseOfTheFile() throws {
        let trace = try #require(trace)
        // In small batches, so that windows have many revisions.
        let topology = try TopologyCopy("topologies/billing-usage.yaml", adding: "limits: { batch_records: 1000 }")
        let rig = try Rig(file: topology.file)
        try rig.start("a")
        let generate = try WeirProcess(
            "generate", rig.file, "--brokers", rig.brokers, "--trace", trace, "--trace-topic",
            rig.topic("ai.analysis.v1"), "--repeats", "0.05", "--conflicts", "0.01", "--quiet"
        ).wait()
        #expect(generate.status == 0, "\(generate)")
        let ends = try rig.inputEnds()
        rig.noteProduced(Int(ends.values.reduce(0, +)))
        try rig.waitUntilProcessed()
        #expect(try rig.stopAll() == [0])

        // Lines "2023-11-16 18|count|context|generated".
        let hours = try sums(trace, periodLength: 13)
        #expect(hours.count >= 2)
        #expect(try totals("billing.usage", "to_char(window_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24')") == hours)
        #expect(try rig.counters().values.contains { $0.repeats > 500 && $0.conflicts > 100 })
        let months = try sums(trace, periodLength: 7)
        #expect(months.count == 1)
        #expect(try totals("billing.usage_monthly", "to_char(month, 'YYYY-MM')") == months)

        // All of it came years after its windows' grace: each change of each row is on record.
        let unexplained = try rig.connection.column(
            """
            SELECT u.org_id FROM billing.usage u LEFT JOIN LATERAL (
                SELECT count(*) AS rows, sum(c.event_count) AS events, max(c.revision) AS revision,
                    sum(c.quantity - c.previous_quantity) AS change
                FROM billing.correction c WHERE (c.org_id, c.meter, c.window_start) = (u.org_id, u.meter, u.window_start)
            ) c ON true
            WHERE (c.rows, c.events, c.revision, c.change) IS DISTINCT FROM
                (u.revision, u.event_count::numeric, u.revision, u.quantity)
            """)
        #expect(unexplained == [])

        func totals(_ relation: String, _ period: String) throws -> [String] {
            func sum(_ meter: String) -> String {
                "coalesce(sum(quantity) FILTER (WHERE meter = '\(meter)'), 0)::int8"
            }
            return try rig.connection.column(
                """
                SELECT concat_ws('|', \(period), \(sum("ai_analyses")), \(sum("ai_input_tokens")),
                    \(sum("ai_output_tokens"))) FROM \(relation) GROUP BY \(period) ORDER BY 1
                """)
        }
    }

    /// Count and sums of both columns by the first characters of the time.
    private func sums(_ file: String, periodLength: Int) throws -> [String] {
        let program = """
            NR > 1 { p = substr($1, 1, \(periodLength)); n[p]++; a[p] += $2; b[p] += $3 }
            END { for (p in n) printf "%s|%.0f|%.0f|%.0f\\n", p, n[p], a[p], b[p] }
            """
        return try Command.run("awk", "-F,", program, file).split(separator: "\n").map(String.init).sorted()
    }
}
