// Minutes of lag, from a worker through Kafka and Weir's own path to the views that analysts ask.

import Foundation
import Testing
import WeirBench
import WeirCore
import WeirKafka
import WeirPostgres

struct LagReportTests {
    /// Both topologies in one process: whatever was committed is in the minutes, once, and repeats change nothing.
    @Test func minutesComeOutExactly() throws {
        let rig = try Rig(partitions: 2)
        let reader = try rig.lagTopology()
        let worker = try rig.start("both", more: [reader.file])
        try rig.produce(rig.options(events: 3_000) { $0.poison = 0.01 })
        try rig.waitUntilOwnRecordsAreProcessed()
        // The minute has to end by itself.
        try waitUntil("the minutes are in PostgreSQL", seconds: 180) {
            try rig.lagTotals("records").values.reduce(0, +) >= Int64(rig.produced)
        }
        // By partition, against the ends of the input's logs, which nobody of this knows.
        #expect(try rig.lagTotals("records").filter { $0.value > 0 } == rig.inputEnds())

        #expect(try rig.stop(worker) == 0)
        let reports = try rig.lagReports()
        let keys = Set(reports.compactMap { $0.text("idempotency_key") })
        #expect(keys.count == reports.count)
        for report in reports {
            #expect(report.text("org_id") == rig.topology.name && report.text("topology") == rig.topology.name)
            #expect(report.record.key == Array(rig.topology.name.utf8))
            let records = try #require(report["records"])
            let good = try #require(report["good"])
            let covered = try #require(report["covered_ms"])
            #expect(good <= records && (0...60_000).contains(covered) && covered + records > 0)
            #expect([0, covered].contains(report["overdue_ms"]))
            #expect(report["line_us"] == 2_000_000 && report["target_ppm"] == 990_000)
            #expect((report["p50_us"] == nil) == (records == 0))
            if let half = report["p50_us"], let most = report["p99_us"], let longest = report["max_us"] {
                #expect(half <= most && most <= longest)
            }
            let minute = try #require(report["minute"])
            let beganAt = try #require(report["began_at"])
            #expect(minute % 60_000 == 0 && (minute..<minute + 60_000).contains(beganAt))
            #expect(report.text("owner")?.contains("/\(worker.processID)/") == true)
        }
        // Of a few seconds all are within a minute of each other, none overlaps another of its partition.
        for (source, own) in Dictionary(grouping: reports, by: \.source) {
            let spans = own.compactMap { report in report["began_at"].map { ($0, $0 + (report["covered_ms"] ?? 0)) } }
                .sorted { $0.0 < $1.0 }
            #expect(zip(spans, spans.dropFirst()).allSatisfy { $0.1 <= $1.0 }, "\(String(describing: source))")
        }

        // All again, as after a producer's retry or a replay.
        for report in reports {
            try OddSender.sendKeyed(
                rig, topic: report.record.place.topic, key: report.record.key, payload: report.record.payload)
        }
        try rig.start("reader", file: reader.file)
        try waitUntil("the repeats are known as such") { try rig.lagReportsRead() == (reports.count, reports.count) }
        for meter in ["records", "good", "covered_ms", "overdue_ms"] {
            var wanted: [TopicPartition: Int64] = [:]
            for report in reports { wanted[try #require(report.source), default: 0] += report[meter] ?? 0 }
            #expect(try rig.lagTotals(meter) == wanted, "\(meter)")
        }
    }

    /// What a killed worker knew is lost, and the views take the time for bad. A worker that stops tells all.
    @Test func aKilledWorkersTimeReadsAsBad() throws {
        let rig = try Rig(partitions: 2)
        let reader = try rig.lagTopology()
        let first = try rig.start("first")
        try rig.produce(rig.options(events: 400))
        try rig.waitUntilOwnRecordsAreProcessed()
        #expect(try rig.stop(first) == 0)
        let told = rig.produced
        let killed = try rig.start("killed")
        try rig.waitUntilOwned(by: killed)
        try rig.produce(rig.options(events: 300) { $0.seed = 2 })
        try rig.waitUntilOwnRecordsAreProcessed()
        try rig.kill(killed)
        let last = try rig.start("last")
        try rig.waitUntilOwned(by: last)
        let lastHeld = Date()
        #expect(try rig.stop(last) == 0)

        let reports = try rig.lagReports()
        let owners = Set(reports.compactMap { $0.text("owner")?.split(separator: "/")[1] })
        #expect(owners.isSuperset(of: ["\(first.processID)"]))
        let ofFirst = reports.filter { $0.text("owner")?.contains("/\(first.processID)/") == true }
        #expect(ofFirst.reduce(0) { $0 + ($1["records"] ?? 0) } == Int64(told), "the first told all that it knew")

        try rig.start("reader", file: reader.file)
        try waitUntil("all reports are read") { try rig.lagReportsRead().counted == reports.count }
        try rig.connection.query(
            "CREATE OR REPLACE FUNCTION slo.settled_until() RETURNS timestamptz LANGUAGE sql STABLE RETURN now()")
        // Independently: what is covered is what reports say, and time runs from the first of them on.
        var covered: [TopicPartition: Int64] = [:]
        var began: [TopicPartition: Int64] = [:]
        for report in reports {
            let source = try #require(report.source)
            covered[source, default: 0] += report["covered_ms"] ?? 0
            began[source] = min(began[source] ?? .max, report["began_at"] ?? .max)
        }
        #expect(covered.count == 2 * rig.topology.sources.count)
        let before = Int64(lastHeld.timeIntervalSince1970 * 1000)
        let rows = try rig.connection.query(
            """
            SELECT source_topic, source_partition, sum(expected_ms)::int8, sum(missing_ms)::int8 FROM slo.daily
            WHERE topology = '\(rig.topology.name)' GROUP BY 1, 2
            """)
        #expect(rows.count == covered.count)
        for row in 0..<rows.count {
            let source = TopicPartition(topic: rows.text(row, 0), partition: rows.int32(row, 1))
            let known = try #require(covered[source])
            #expect(rows.int64(row, 2) - rows.int64(row, 3) == known, "\(source)")
            #expect(rows.int64(row, 3) >= before - (began[source] ?? 0) - known, "\(source)")
            #expect(rows.int64(row, 3) > 0)
        }
        let compliance = try rig.connection.query(
            """
            SELECT sum(records)::int8, sum(missing_seconds) > 0, bool_or(kept), min(time_compliance) < 0.99
            FROM slo.compliance_daily WHERE topology = '\(rig.topology.name)'
            """)
        #expect(compliance.int64(0, 0) == reports.reduce(0) { $0 + ($1["records"] ?? 0) })
        #expect(compliance.bool(0, 1) && !compliance.bool(0, 2) && compliance.bool(0, 3))
    }

    /// Reports cannot be sent, from the start on: they are counted and logged as dropped, and nothing else notices.
    @Test(.enabled(if: RegistryServer.isUsable, "only a mock broker can be told to refuse a topic"))
    func aTopicThatRefusesStopsNothing() throws {
        let rig = try Rig(partitions: 1)
        try #require(rig.cluster).refuse(topic: #require(rig.topology.outputs.lag))
        let worker = try rig.start("unheard", more: ["--console", ":0"])
        let console = try ConsoleClient(of: worker)
        let expectation = try rig.produce(rig.options(events: 500))
        try rig.waitUntilProcessed()
        #expect(try console.values("weir_lag_reports_total").count == 2)
        let begun = ContinuousClock.now
        try rig.expectExact(expectation)
        #expect(ContinuousClock.now - begun < .seconds(40))
        #expect(worker.text.contains("reports of lag were dropped"), "\(worker.lastWords)")
    }
}
