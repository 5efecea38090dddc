// What is said through swift-metrics, as lines of the page.

import CoreMetrics
import Dispatch
import TestSupport
import Testing
import WeirObserve
import WeirTelemetry

struct FacadeMetricsTests {
    private let metrics = FacadeMetrics()

    private var page: MetricPage {
        var page = MetricPage()
        metrics.tell(&page)
        return page
    }

    /// Lines that are neither comments nor the façade's own.
    private var lines: [String] { lines(page) }

    private func lines(_ page: MetricPage) -> [String] {
        String(decoding: page.encoded(.prometheus), as: UTF8.self).split(separator: "\n").map(String.init).filter {
            !$0.hasPrefix("#") && !$0.hasPrefix("weir_facade")
        }
    }

    private func refused(_ reason: String) -> Int? {
        let text = String(decoding: page.encoded(.prometheus), as: UTF8.self)
        let start = "weir_facade_refused_total{reason=\"\(reason)\"} "
        return text.split(separator: "\n").first { $0.hasPrefix(start) }.flatMap { Int($0.dropFirst(start.count)) }
    }

    /// As a library does, which knows no back end.
    private func library(_ code: () -> Void) { withMetricsFactory(metrics) { code() } }

    @Test func eachKindIsTold() {
        library {
            Counter(label: "pool.hits").increment(by: 3)
            FloatingPointCounter(label: "pool.waited").increment(by: 0.25)
            Meter(label: "pool.open").set(5)
            Gauge(label: "pool.idle").record(2.5)
            let level = Meter(label: "pool.level")
            level.increment(by: 4)
            level.decrement(by: 1.5)
        }
        #expect(
            lines == [
                "pool_hits_total 3", "pool_idle 2.5", "pool_level 2.5", "pool_open 5", "pool_waited_total 0.25",
            ])
        #expect(
            page.families.last?.family.help == "`pool.waited` of swift-metrics, which a library in this process tells.")
    }

    @Test func whoeverAsksForANameGetsTheSame() {
        library {
            Counter(label: "jobs", dimensions: [("queue", "a"), ("of", "b")]).increment()
            Counter(label: "jobs", dimensions: [("of", "b"), ("queue", "a")]).increment(by: 2)
            FloatingPointCounter(label: "jobs", dimensions: [("queue", "a"), ("of", "b")]).increment(by: 0.5)
            Counter(label: "jobs", dimensions: [("queue", "c")]).increment()
            Counter(label: "jobs").increment(by: 9)
        }
        #expect(
            lines == [
                "jobs_total{of=\"\",queue=\"\"} 9", "jobs_total{of=\"b\",queue=\"a\"} 3.5",
                "jobs_total{of=\"\",queue=\"c\"} 1",
            ])
    }

    @Test func aCounterNeverFalls() {
        library {
            let counter = Counter(label: "c")
            counter.increment(by: 5)
            counter.increment(by: -3)
            #expect(lines == ["c_total 5"])
            counter.increment(by: Int64.max)
            counter.increment(by: Int64.max)
            let other = FloatingPointCounter(label: "f")
            for step in [2.5, -1, .nan, .infinity] { other.increment(by: step) }
        }
        #expect(lines == ["c_total \(Int64.max)", "f_total 2.5"])
        library { Counter(label: "c").reset() }
        #expect(lines.first == "c_total 0")
    }

    /// From many threads, each with handles of its own or not.
    @Test func sumsAreExact() {
        library {
            let shared = Counter(label: "sum")
            let time = Timer(label: "time")
            let factory = metrics
            DispatchQueue.concurrentPerform(iterations: 16) { index in
                for _ in 0..<50_000 { shared.increment(by: index) }
                for step in 1...1_000 {
                    Counter(label: "sum", factory: factory).increment(by: index)
                    time.recordMilliseconds(step)
                }
            }
        }
        #expect(lines.first == "sum_total \(120 * 51_000)")
        #expect(lines.contains("time_seconds_count 16000"))
        #expect(lines.contains("time_seconds_bucket{le=\"0.1\"} 1600"))
    }

    @Test(
        arguments: [
            ("http.server.requests", "http_server_requests_total"), ("requestsTotal", "requests_total"),
            ("HTTPRequests", "httprequests_total"), ("http-Client/räume", "http_client_r_ume_total"),
            ("5xx", "_5xx_total"), ("__a__b__", "a_b_total"), ("", "unnamed_total"), ("\u{1F4A9}", "unnamed_total"),
            ("total", "total_total"),
        ]) func countersHaveNames(label: String, name: String)
    {
        library { Counter(label: label).increment() }
        #expect(lines == ["\(name) 1"])
    }

    @Test(
        arguments: [
            ("pool.total", "pool"), ("queue_count", "queue"), ("x.sum_bucket", "x"), ("queue.depth", "queue_depth"),
        ]) func gaugesHaveNames(label: String, name: String)
    {
        library { Meter(label: label).set(1) }
        #expect(lines == ["\(name) 1"])
    }

    @Test(arguments: ["wait", "wait_seconds", "wait.ms", "waitMilliseconds", "wait_duration_ns"])
    func timersAreInSeconds(label: String) {
        library { Timer(label: label).recordMilliseconds(1_500) }
        let name = label.contains("duration") ? "wait_duration_seconds" : "wait_seconds"
        #expect(lines.contains("\(name)_sum 1.5") && lines.contains("\(name)_count 1"))
        #expect(page.families.last?.family.unit == "seconds")
    }

    /// Each bucket against a count by hand, at its end and beside it.
    @Test func timesAreInTheirBuckets() throws {
        let nanoseconds: [Int64] = [
            -5, 0, 1, 99_999, 100_000, 100_001, 5_000_000, 5_000_001, 999_999_999, 1_000_000_000, 100_000_000_000,
            100_000_000_001, .max,
        ]
        library {
            let timer = Timer(label: "wait")
            for time in nanoseconds { timer.recordNanoseconds(time) }
        }
        let ends: [(String, Int64)] = [
            ("0.0001", 100_000), ("0.0002", 200_000), ("0.0005", 500_000), ("0.001", 1_000_000), ("0.002", 2_000_000),
            ("0.005", 5_000_000), ("0.01", 10_000_000), ("0.02", 20_000_000), ("0.05", 50_000_000),
            ("0.1", 100_000_000), ("0.2", 200_000_000), ("0.5", 500_000_000), ("1.0", 1_000_000_000),
            ("2.0", 2_000_000_000), ("5.0", 5_000_000_000), ("10.0", 10_000_000_000), ("20.0", 20_000_000_000),
            ("50.0", 50_000_000_000), ("100.0", 100_000_000_000), ("+Inf", .max),
        ]
        let wanted = ends.map { end, most in
            "wait_seconds_bucket{le=\"\(end)\"} \(nanoseconds.count { $0 <= most })"
        }
        #expect(Array(lines.prefix(ends.count)) == wanted)
        #expect(lines.last == "wait_seconds_count \(nanoseconds.count)")
    }

    @Test func recordersHaveDecades() {
        library {
            let sizes = Recorder(label: "batch.size")
            for size in [0.5, 1, 2, 10, 11, 1e12, .nan] { sizes.record(size) }
            sizes.record(-3)
        }
        for line in [
            "batch_size_bucket{le=\"0.001\"} 1", "batch_size_bucket{le=\"1.0\"} 3", "batch_size_bucket{le=\"10.0\"} 5",
            "batch_size_bucket{le=\"100.0\"} 6", "batch_size_bucket{le=\"1000000000.0\"} 6",
            "batch_size_bucket{le=\"+Inf\"} 7", "batch_size_count 7",
        ] { #expect(lines.contains(line), "\(line)") }
    }

    @Test func labelsAreSanitised() {
        library {
            Counter(label: "c", dimensions: [("http.Status", "a\"b\n\\"), ("0", "x"), ("empty", "")]).increment()
            Timer(label: "t", dimensions: [("le", "1"), ("long", String(repeating: "x", count: 5_000))]).recordSeconds(
                1)
        }
        #expect(lines.first == "c_total{_0=\"x\",http_status=\"a\\\"b\\n\\\\\"} 1")
        #expect(
            lines.last == "t_seconds_count{dimension_le=\"1\",long=\"\(String(repeating: "x", count: 200))\"} 1")
    }

    /// Neither a name of the catalogue, nor one that a histogram or a counter has already, in either format.
    @Test func whatClashesIsLeftOut() {
        library {
            Meter(label: "weir.ready").set(7)
            Timer(label: "weir_record_lag").recordSeconds(1)
            Counter(label: "weir_topology_info").increment()
            Timer(label: "wait").recordSeconds(1)
            Meter(label: "wait_seconds").set(1)
            Counter(label: "jobs").increment()
            Meter(label: "jobs").set(3)
            Recorder(label: "sizes").record(1)
            Gauge(label: "sizes").record(1)
        }
        let names = page.families.map(\.family.name)
        #expect(names == ["weir_facade_refused_total", "jobs_total", "sizes", "wait_seconds"])
        #expect(refused("clash") == 6)
    }

    /// Weir's own keep the catalogue's labels, whoever else uses the name.
    @Test func theCatalogueIsKept() throws {
        library {
            Counter(label: "weir_registry_requests_total", dimensions: [("outcome", "absent")]).increment()
            Counter(label: "weir_registry_requests_total", dimensions: [("other", "x")]).increment()
            Counter(label: "weir_registry_requests_total").increment()
            Meter(label: "weir_registry_request_seconds").set(1)
            Timer(label: "weir_registry_request_seconds").recordSeconds(1)
        }
        #expect(lines.first == "weir_registry_requests_total{outcome=\"absent\"} 1")
        #expect(refused("clash") == 3)
        let told = page.families.filter { !$0.samples.isEmpty }.map(\.family)
        #expect(told.allSatisfy { MetricCatalogue.all.contains($0) } && told.count == 3)
    }

    @Test func seriesAreBounded() {
        library {
            for index in 0..<FacadeMetrics.mostSeries {
                Counter(label: "users", dimensions: [("id", "\(index)")]).increment()
            }
            Counter(label: "users", dimensions: [("id", "one more")]).increment()
            Timer(label: "another").recordSeconds(1)
            Counter(label: "users", dimensions: [("id", "7")]).increment()
        }
        #expect(lines.count == FacadeMetrics.mostSeries)
        #expect(lines.contains("users_total{id=\"7\"} 2"))
        #expect(refused("limit") == 2 && refused("clash") == 0)
    }

    @Test func whatIsDestroyedMakesRoom() {
        library {
            let old = Timer(label: "jobs")
            old.recordSeconds(1)
            old.destroy()
            old.recordSeconds(1)
            #expect(lines.isEmpty)
            // Its name is free for something else.
            Meter(label: "jobs_seconds").set(4)
            old.destroy()
            let first = Counter(label: "c")
            first.increment()
            first.destroy()
            let second = Counter(label: "c")
            second.increment(by: 5)
            first.destroy()
        }
        #expect(lines == ["c_total 5", "jobs_seconds 4"])
        #expect(refused("clash") == 0)
    }

    @Test func promtoolFindsNothing() throws {
        library {
            Counter(label: "httpServer.requestCount", dimensions: [("Path", "/a\"\n"), ("le", "x")]).increment()
            Counter(label: "httpServer.requestCount", dimensions: [("method", "GET")]).increment()
            FloatingPointCounter(label: "5.waited").increment(by: 0.5)
            Timer(label: "db.query.ms", dimensions: [("quantile", "0.5")]).recordMilliseconds(3)
            Meter(label: "pool.open:total").set(5)
            Gauge(label: "pool_count").record(-2.5)
            Recorder(label: "batch.size").record(17)
            Counter(label: "weir_http_requests_total", dimensions: [("route", "page"), ("status", "200")]).increment()
            Timer(label: "weir_registry_request_seconds").recordMilliseconds(3)
        }
        let verdict = try Promtool.run(
            "check", "metrics", input: String(decoding: page.encoded(.prometheus), as: UTF8.self))
        #expect(verdict.isGood && verdict.words.isEmpty, "\(verdict.words)")
        let open = String(decoding: page.encoded(.openMetrics), as: UTF8.self)
        #expect(open.contains("# TYPE db_query_seconds histogram\n# UNIT db_query_seconds seconds\n"))
        #expect(open.hasSuffix("# EOF\n"))
    }
}
