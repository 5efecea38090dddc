// The page that Prometheus reads: its text in both formats, and that promtool finds nothing wrong with it.

import TestSupport
import Testing
import WeirCore
import WeirObserve

struct MetricPageTests {
    private static let now: Int64 = 1_800_000_000_000_000

    /// Everything that a page can hold.
    static func page(knownFor seconds: Int64 = 3600) -> MetricPage {
        var held = PartitionStatus(topic: "calls \"v1\"\\", partition: 3, knownSince: now - seconds * 1_000_000)
        held.counts.counted = 90
        held.counts[.nullKey] = 2
        let runs = [
            TimeRun(milliseconds: now / 1000 - 7, part: 0, count: 80),
            TimeRun(milliseconds: now / 1000 - 2500, part: 0, count: 12),
        ]
        held.lag.record(arrivals: runs.span, committedAt: now, line: 2_000_000)
        held.lag.record(happenings: runs.span, committedAt: now)
        let trace = TraceContext(traceHigh: .max, traceLow: 0xabc, span: 0xdef)
        held.lag.note(trace, ofArrival: runs[1].milliseconds, committedAt: now + 250_000, line: 2_000_000)
        var holding = PartitionStatus.Holding(
            phase: .running, owner: "w", epoch: 4, committed: 92, oldestTaken: now - 1_500_000, movedAt: now, keys: 90)
        holding.waiting.quota = 5
        holding.waiting.since = now - 3_000_000
        held.hold(holding, at: now)
        held.log = PartitionStatus.LogView(committed: 92, first: nil, end: 100, askedAt: now - 250_000)
        var gone = PartitionStatus(topic: "calls \"v1\"\\", partition: 4, knownSince: now - 3600 * 1_000_000)
        gone.counts.duplicates = 1
        var worker = WorkerSnapshot()
        worker.partitions = [held, gone]
        worker.isMember = true
        worker.commits = 12
        worker.outbox.messages = 4
        worker.outbox.bytes = 512
        worker.outbox.since = now - 250_000
        let database = DatabaseView(
            bytes: 8_000_000, outboxMessages: 6, outboxSince: now - 750_000,
            slots: [.init(name: "debezium", retainedBytes: 4096, isActive: true)], askedAt: now - 5_000_000)
        var reports = LagReportCounts()
        reports.sent = 60
        reports.dropped = 2
        var page = MetricPage()
        page.add(
            version: "1", librdkafka: "2", isReady: true,
            usage: ProcessUsage(cpu: 1.5, residentBytes: 1 << 20, startedAt: 1_700_000_000.25, openFiles: 9))
        page.add(
            TopologyStatus(
                topology: .forTests, workers: [worker], series: TallySeries(period: .seconds(3600)), database: database,
                failure: nil, lagReports: reports), at: now)
        page.add(exports: [(signal: "traces", counts: ExportCounts())])
        page.add(clashes: 1, excess: 2)
        var times = BucketHistogram(.seconds)
        for time in [0.003, 0.005, 200] { times.record(time) }
        for family in MetricCatalogue.facade {
            let labels = family.labels.map { "of \($0)" }
            if family.kind == .histogram { page.add(family, labels, times) } else { page.add(family, labels, 1) }
        }
        // Of a library: the page has it behind its own.
        page.add(MetricFamily("a_library_open", .gauge, ["pool"], "Somebody's."), ["main"], 3)
        return page
    }

    private static func lines(_ format: MetricPage.Format = .prometheus, knownFor seconds: Int64 = 3600) -> [String] {
        page(knownFor: seconds).text(format).split(separator: "\n").map(String.init)
    }

    private static let labels = #"topology="billing",topic="calls \"v1\"\\",partition="3""#

    @Test func samplesAreThere() {
        let lines = Set(Self.lines())
        let labels = Self.labels
        let wanted = [
            "weir_records_total{\(labels),outcome=\"counted\"} 90",
            "weir_dead_letters_total{\(labels),reason=\"null_key\"} 2",
            "weir_lag_reports_total{topology=\"billing\",outcome=\"sent\"} 60",
            "weir_lag_reports_total{topology=\"billing\",outcome=\"dropped\"} 2",
            "weir_objective_good_records_total{\(labels)} 80", "weir_objective_records_total{\(labels)} 92",
            "weir_record_lag_seconds_bucket{\(labels),le=\"0.005\"} 0",
            "weir_record_lag_seconds_bucket{\(labels),le=\"0.01\"} 80",
            "weir_record_lag_seconds_bucket{\(labels),le=\"2.0\"} 80",
            "weir_record_lag_seconds_bucket{\(labels),le=\"5.0\"} 92",
            "weir_record_lag_seconds_bucket{\(labels),le=\"+Inf\"} 92",
            "weir_record_lag_seconds_count{\(labels)} 92", "weir_partition_oldest_record_age_seconds{\(labels)} 1.5",
            "weir_partition_lag_offsets{\(labels)} 8", "weir_partition_phase{\(labels),phase=\"running\"} 1",
            "weir_partition_phase{\(labels),phase=\"paused\"} 0", "weir_waiting_records{\(labels),cause=\"quota\"} 5",
            "weir_waiting_oldest_age_seconds{\(labels)} 3", "weir_outbox_oldest_age_seconds{topology=\"billing\"} 0.25",
            "weir_objective_lag_seconds{topology=\"billing\"} 2",
            "weir_objective_share_ratio{topology=\"billing\"} 0.99",
            "weir_replication_slot_retained_bytes{topology=\"billing\",slot=\"debezium\"} 4096",
            "weir_topology_info{topology=\"billing\",version=\"3\",group=\"weir.billing\",objective=\"p99 < 2s over 30d\"} 1",
            "weir_workers{topology=\"billing\",state=\"member\"} 1", "weir_ready 1", "process_cpu_seconds_total 1.5",
            "weir_registry_request_seconds_bucket{le=\"0.002\"} 0",
            "weir_registry_request_seconds_bucket{le=\"0.005\"} 2",
            "weir_registry_request_seconds_bucket{le=\"100.0\"} 2",
            "weir_registry_request_seconds_bucket{le=\"+Inf\"} 3", "weir_registry_request_seconds_sum 200.008",
            "weir_registry_request_seconds_count 3", "weir_facade_refused_total{reason=\"clash\"} 1",
        ]
        for line in wanted { #expect(lines.contains(line), "missing: \(line)") }
    }

    @Test func ofAPartitionThatWentOnlyCountsStay() {
        let lines = Self.lines().filter { $0.contains("partition=\"4\"") }
        #expect(lines.contains { $0.hasPrefix("weir_records_total") && $0.hasSuffix("outcome=\"duplicate\"} 1") })
        #expect(!lines.contains { $0.hasPrefix("weir_partition_") || $0.hasPrefix("weir_waiting_") })
    }

    @Test func aNewPartitionBeginsAtZero() {
        let lines = Self.lines(knownFor: 59)
        #expect(lines.contains("weir_objective_records_total{\(Self.labels)} 0"))
        #expect(lines.contains("weir_record_lag_seconds_count{\(Self.labels)} 0"))
        #expect(lines.contains("weir_dead_letters_total{\(Self.labels),reason=\"null_key\"} 0"))
        #expect(lines.contains("weir_partition_oldest_record_age_seconds{\(Self.labels)} 1.5"))
        #expect(Self.lines(knownFor: 60).contains("weir_objective_records_total{\(Self.labels)} 92"))
    }

    @Test func everyFamilyIsToldOrDocumentedForNothing() {
        let text = Self.page().text(.prometheus)
        for family in MetricCatalogue.all {
            #expect(text.contains("# TYPE \(family.name) "), "\(family.name) is on no page")
        }
    }

    @Test func whatIsNotInTheCatalogueComesLast() {
        #expect(Self.lines().last == "a_library_open{pool=\"main\"} 3")
        #expect(Self.page().families.map(\.family).dropLast() == MetricCatalogue.all)
    }

    @Test func openMetricsNamesFamiliesWithoutSuffix() {
        let lines = Self.lines(.openMetrics)
        #expect(lines.contains("# TYPE weir_records counter"))
        #expect(lines.contains("# TYPE weir_topology info"))
        #expect(lines.contains("# UNIT weir_record_lag_seconds seconds"))
        #expect(lines.contains("# UNIT process_cpu_seconds seconds"))
        #expect(lines.last == "# EOF")
        #expect(Self.lines().allSatisfy { !$0.hasPrefix("# UNIT") && $0 != "# EOF" })
    }

    /// As https://github.com/OpenObservability/OpenMetrics has it: 128 characters of labels at the most, the value
    /// within the bucket, and in OpenMetrics only.
    @Test func exemplarsNameTraces() throws {
        let id = "ffffffffffffffff0000000000000abc"
        let lines = Self.lines(.openMetrics).filter { $0.contains(" # {") }
        #expect(
            lines == [
                "weir_record_lag_seconds_bucket{\(Self.labels),le=\"5.0\"} 92"
                    + " # {trace_id=\"\(id)\",span_id=\"0000000000000def\"} 2.75 1800000000.25"
            ])
        let labels = try #require(lines.first?.split(separator: " # {").last?.split(separator: "}").first)
        #expect(labels.replacing(/[="]/, with: "").count < 128)
        #expect(Self.lines().allSatisfy { !$0.contains(" # {") })
        #expect(Self.lines(.openMetrics, knownFor: 59).allSatisfy { !$0.contains(" # {") }, "nothing is counted yet")
    }

    @Test func formats() {
        let prometheus = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
        #expect(MetricPage.Format(accepting: prometheus) == .openMetrics)
        #expect(MetricPage.Format(accepting: "text/html,*/*") == .prometheus)
        #expect(MetricPage.Format(accepting: nil) == .prometheus)
    }

    @Test func promtoolFindsNothing() throws {
        let verdict = try Promtool.run(
            "check", "metrics", input: Self.page().text(.prometheus))
        #expect(verdict.isGood, "\(verdict.words)")
        #expect(verdict.words.isEmpty, "\(verdict.words)")
    }

    /// That the check above can fail.
    @Test func promtoolFindsMistakes() throws {
        let text = "# TYPE weir_lag_milliseconds counter\nweir_lag_milliseconds 1\n"
        #expect(try !Promtool.run("check", "metrics", input: text).isGood)
    }
}

extension MetricPage {
    func text(_ format: Format) -> String { String(decoding: encoded(format), as: UTF8.self) }
}
