// What code says through swift-log, swift-metrics and swift-distributed-tracing, at a collector that is not ours.

import CoreMetrics
import Foundation
import Logging
import TestSupport
import Testing
import Tracing
import WeirBench
import WeirCore
import WeirObserve
import WeirTelemetry

@Suite(.enabled(if: OTLPReceiver.python != nil, "needs $WEIR_PYTHON with opentelemetry-proto (make setup)"))
struct FacadeTests {
    private struct Trouble: Error, CustomStringConvertible { let description = "out of paper" }

    /// A process of somebody else's that embeds Weir's targets: a library in it knows none of them.
    @Test func aLibraryIsHeard() throws {
        let receiver = try OTLPReceiver()
        let settings = try #require(try OTLPSettings(option: "http://\(receiver.address)", environment: [:]))
        let clock: @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970 * 1e6) }
        let telemetry = Telemetry(
            settings, resource: OTLPResource(service: "theirs", version: "1", instance: "i", host: "h"),
            logger: Logger(label: "trouble") { _ in SwiftLogNoOpLogHandler() }, clock: clock)
        let metrics = FacadeMetrics()
        telemetry.measure {
            var page = MetricPage()
            metrics.tell(&page)
            return page
        }
        let logger = Logger(label: "library") { _ in
            var handler = TelemetryLog(telemetry, level: .info, clock: clock)
            handler.metadataProvider = .spanIDs
            return handler
        }
        withMetricsFactory(metrics) {
            withTracer(OTLPTracer(telemetry)) {
                try? withSpan("print", ofKind: .server) { span in
                    span.updateAttributes { attributes in
                        attributes["pages"] = 7
                        attributes["scale"] = 0.5
                        attributes["colour"] = true
                        attributes["trays"] = SpanAttribute.stringArray(["a", "b"])
                    }
                    withSpan("warm up") { _ in logger.notice("warm", metadata: ["degrees": "70"]) }
                    Counter(label: "printer.pages", dimensions: [("tray", "a")]).increment(by: 7)
                    Timer(label: "printer.wait").recordMilliseconds(1_500)
                    Meter(label: "printer.open").set(2)
                    throw Trouble()
                }
            }
        }
        telemetry.stop()
        let seen = try receiver.seen()
        let print = try #require(seen.spans("print").first)
        #expect(print.kind == 2 && print.parent.isEmpty && print.flags == 1)
        #expect(print.status == 2 && print.words == "out of paper")
        #expect(print.events.map(\.name) == ["exception"])
        #expect(print.events.first?.attributes["exception.message"] == "out of paper")
        #expect(print.attributes["pages"] == "7" && print.attributes["scale"] == "0.5")
        #expect(print.attributes["colour"] == "True" && print.attributes["trays"] == "['a', 'b']")
        let warm = try #require(seen.spans("warm up").first)
        #expect(warm.trace == print.trace && warm.parent == print.span && warm.status == 0)
        let line = try #require(seen.logs.first)
        #expect(line.trace == warm.trace && line.span == warm.span && line.attributes == ["degrees": "70"])
        let pages = try #require(seen.metrics["printer_pages_total"])
        #expect(pages.kind == "sum" && pages.monotonic && pages.points.map(\.value) == [7])
        #expect(pages.points.first?.attributes == ["tray": "a"])
        let wait = try #require(seen.metrics["printer_wait_seconds"])
        #expect(wait.kind == "histogram" && wait.cumulative && wait.unit == "s")
        let point = try #require(wait.points.first)
        #expect(point.count == 1 && point.sum == 1.5 && point.buckets?.firstIndex(of: 1) == 13)
        #expect(seen.metrics["printer_open"]?.points.map(\.value) == [2])
    }

    /// From a start to a partition taken over: where the time went, in traces, metrics and lines that name each other.
    @Test(.enabled(if: RegistryServer.isUsable, "subjects are named after topics: not with WEIR_BROKERS"))
    func weirsEdgesAreHeard() throws {
        let receiver = try OTLPReceiver()
        let registry = try RegistryServer(folder: Repository.path("schemas"))
        let scratch = try ScratchFolder()
        let rig = try Rig(partitions: 2)
        func start(_ name: String) throws -> WeirWorker {
            try rig.start(
                name,
                more: ["--otlp", "http://\(receiver.address)", "--console", ":0", "--log-format", "json"]
                    + rig.withRegistry(registry.url, cache: scratch.path))
        }
        let first = try start("first")
        try rig.produce(rig.options(events: 300))
        try rig.waitUntilProcessed()
        #expect(try rig.stop(first) == 0)
        let keys = try rig.number("SELECT sum(key_count)::int8 FROM weir.seen")
        let worker = try start("second")
        let console = try ConsoleClient(of: worker)
        try rig.waitUntilAllHavePartitions()
        let partitions = 2 * rig.topology.sources.count
        try waitUntil("both have taken over") { try receiver.seen().spans("weir.restore").count == 2 * partitions }

        // Probes and scrapes make no spans; who follows a request finds it.
        let address = "http://\(console.address)"
        let caller = "0af7651916cd43dd8448eb211c80319c"
        _ = try Command.run("curl", "--silent", "--fail", "\(address)/livez")
        for flags in ["00", "01"] {
            _ = try Command.run(
                "curl", "--silent", "--fail", "-H", "traceparent: 00-\(caller)-b7ad6b7169203331-\(flags)",
                "\(address)/status.json?\(flags)")
        }
        let page = try #require(try console.get("/metrics")).text
        #expect(page.contains("weir_registry_requests_total{outcome=\"answered\"} "))
        #expect(page.contains("weir_http_requests_total{route=\"status\",status=\"200\"} 2\n"))
        #expect(page.contains("weir_http_requests_total{route=\"probe\",status=\"200\"} 1\n"))
        #expect(page.contains("# TYPE weir_registry_request_seconds histogram"))
        #expect(try rig.stopAll() == [0])
        let seen = try receiver.seen()

        // Claiming, and restoring each partition as a part of that.
        let restores = seen.spans("weir.restore").sorted { $0.start < $1.start }
        let claims = seen.spans("weir.claim")
        for restore in restores {
            let claim = try #require(claims.first { $0.span == restore.parent })
            #expect(restore.trace == claim.trace && restore.start >= claim.end && restore.kind == 3)
            #expect(restore.attributes["weir.topology"] == rig.topology.name)
        }
        // The second process reads back what the first left.
        let later = restores.suffix(partitions)
        let places = later.map { restore in
            ["messaging.destination.name", "messaging.destination.partition.id", "weir.epoch"].map {
                restore.attributes[$0] ?? ""
            }
        }
        #expect(Set(places.map { $0.prefix(2) }).count == partitions)
        #expect(places.allSatisfy { Int($0[2]) ?? 0 > 1 }, "\(places)")
        #expect(later.reduce(0) { $0 + (Int64($1.attributes["weir.keys"] ?? "") ?? 0) } == keys)

        // What the registry was told, and the line of the log that is in the same trace.
        let start = try #require(seen.spans("weir.start").last)
        let asked = seen.spans("weir.registry").filter { $0.trace == start.trace }
        #expect(!asked.isEmpty && asked.allSatisfy { $0.parent == start.span && $0.kind == 3 && $0.status == 0 })
        let heard = registry.traceparents
        #expect(seen.spans("weir.registry").allSatisfy { heard.contains("00-\($0.trace)-\($0.span)-01") })
        let line = try #require(seen.logs.last { $0.body == "starting" })
        #expect(line.trace == start.trace && line.span == start.span)
        #expect(worker.text.contains("\"trace_id\":\"\(start.trace)\""))

        // One server's span, in the caller's trace.
        let served = seen.spans("weir.request")
        #expect(served.map(\.trace) == [caller] && served.map(\.parent) == ["b7ad6b7169203331"])
        #expect(served.first?.kind == 2 && served.first?.attributes["http.response.status_code"] == "200")

        let requests = try #require(seen.metrics["weir_registry_requests_total"])
        let answered = requests.points.first { $0.attributes == ["outcome": "answered"] }
        #expect(answered?.value == Double(asked.count))
        #expect(seen.metrics["weir_registry_request_seconds"]?.points.map(\.count) == [UInt64(asked.count)])
        #expect(seen.metrics["weir_http_requests_total"]?.points.isEmpty == false)
    }
}
