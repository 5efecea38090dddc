// Telemetry to a collector that is not ours: what it gets, and that nothing it does reaches the pipeline.

import Foundation
import Testing
import WeirBench
import WeirCore
import WeirKafka
import WeirObserve
import WeirPostgres

@Suite(.enabled(if: OTLPReceiver.python != nil, "needs $WEIR_PYTHON with opentelemetry-proto (make setup)"))
struct TelemetryTests {
    private static let producerTrace = "0af7651916cd43dd8448eb211c80319c"
    private static let sampled = "00-\(producerTrace)-b7ad6b7169203331-01"
    private static let unsampled = "00-11111111111111111111111111111111-2222222222222222-00"

    @Test func tracesGoThroughToTheOutputs() throws {
        let receiver = try OTLPReceiver()
        let rig = try Rig(partitions: 2)
        try rig.start(
            "traced", more: ["--log-format", "json"],
            environment: [
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://\(receiver.address)/", "OTEL_SERVICE_NAME": "metering",
                "OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Bearer%20abc",
            ])
        try rig.waitUntilAllHavePartitions()
        let topic = rig.topic("user.activity.v1")
        let good = try #require(try rig.someGoodRecord(topic))
        let sender = try OddSender(rig, topic: topic)
        func header(_ value: String) -> [KafkaHeader] { [KafkaHeader(TraceContext.header, value)] }
        try sender.send(nil, key: good.key, payload: good.payload, headers: header(Self.sampled), partition: 0)
        try sender.send("not_framed", key: [1], payload: [9], headers: header(Self.sampled), partition: 0)
        try sender.send("not_framed", key: [1], payload: [8], headers: header(Self.unsampled), partition: 0)
        try sender.send("not_framed", key: [1], payload: [7], headers: header("garbage"), partition: 0)
        try sender.finish()
        try rig.waitUntilProcessed()
        let worker = try #require(rig.workers.first)
        #expect(try rig.stopAll() == [0])
        try waitUntil("all spans are there") {
            try receiver.seen().spans.contains { $0.name == "weir.publish" }
        }
        let seen = try receiver.seen()

        // The producer's trace has a span for each record of it, and only those.
        let records = seen.spans("weir.record")
        #expect(records.map(\.trace) == [Self.producerTrace, Self.producerTrace])
        #expect(records.allSatisfy { $0.parent == "b7ad6b7169203331" && $0.kind == 5 && $0.flags == 1 })
        #expect(records.map { $0.attributes["messaging.kafka.offset"] } == ["0", "1"])
        #expect(records.allSatisfy { $0.attributes["messaging.destination.name"] == topic })

        // A batch has its stages, and names the records that it is linked to.
        let batches = seen.spans("weir.batch")
        let linked = batches.filter { !$0.links.isEmpty }
        #expect(linked.flatMap(\.links).allSatisfy { $0 == "\(Self.producerTrace)-b7ad6b7169203331" })
        #expect(linked.reduce(0) { $0 + $1.links.count } == 2)
        #expect(Set(records.flatMap(\.links)).isSubset(of: batches.map(\.id)))
        #expect(batches.reduce(0) { $0 + (Int($1.attributes["messaging.batch.message_count"] ?? "") ?? 0) } == 4)
        for batch in batches {
            let stages = seen.spans.filter { $0.parent == batch.span }
            #expect(Set(stages.map(\.name)).isSuperset(of: ["weir.read", "weir.commit"]))
            #expect(stages.allSatisfy { $0.trace == batch.trace && $0.start >= batch.start && $0.start <= $0.end })
            let read = try #require(stages.first { $0.name == "weir.read" })
            let commit = try #require(stages.first { $0.name == "weir.commit" })
            #expect(read.end == commit.start && commit.end == batch.end)
        }
        #expect(Set(seen.spans.map(\.span)).count == seen.spans.count)

        // What was published names the span that the record was counted in; a dead letter is as it came.
        let output = try TopicContents.read(#require(rig.topology.outputs.topic), brokers: rig.brokers)
        let told = output.compactMap { message in
            message.headers.last { $0.name == TraceContext.header }?.value.map { String(decoding: $0, as: UTF8.self) }
        }
        let counted = try #require(records.first)
        #expect(!told.isEmpty && told.count == output.count)
        #expect(Set(told) == ["00-\(counted.trace)-\(counted.span)-01"])
        let letters = try TopicContents.read(topic + ".dlq", brokers: rig.brokers)
        let kept = letters.compactMap { letter in letter.headers.last { $0.name == TraceContext.header }?.value }
        #expect(Set(kept.map { String(decoding: $0, as: UTF8.self) }) == [Self.sampled, Self.unsampled, "garbage"])

        // Whose it is.
        #expect(seen.resources.allSatisfy { $0["service.name"] == "metering" && $0["service.version"] != nil })
        #expect(seen.headers["Authorization"] == "Bearer abc")
        expectLines(worker.text, seen)
    }

    /// The log as JSON, and the same lines at the collector.
    private func expectLines(_ text: String, _ seen: OTLPReceiver.Seen) {
        let lines = text.split(separator: "\n").compactMap { line in
            (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: String]
        }
        #expect(lines.count == text.split(separator: "\n").count, "each line is an object of texts: \(text)")
        #expect(lines.allSatisfy { $0["time"] != nil && $0["level"] != nil && $0["message"] != nil })
        #expect(seen.logs.map(\.body).sorted() == lines.compactMap { $0["message"] }.sorted())
        #expect(seen.logs.contains { $0.body == "starting" && $0.severity == 9 && $0.attributes["brokers"] != nil })
    }

    /// A commit that fails is a line of the log: it names the batch, and the batch's span tells of it.
    @Test func aLineAboutABatchNamesItsTrace() throws {
        let receiver = try OTLPReceiver()
        let rig = try Rig(partitions: 1)
        try rig.start("failing", more: ["--otlp", "http://\(receiver.address)", "--log-format", "json"])
        try rig.waitUntilAllHavePartitions()
        let blocker = try rig.database.connect()
        try blocker.query("BEGIN")
        try blocker.query("LOCK TABLE weir.partition IN ACCESS EXCLUSIVE MODE")
        let generator = try Generator(rig.options(events: 20), topology: rig.topology, schemas: rig.schemas)
        try rig.sendAll(generator)
        let worker = try #require(rig.workers.first)
        try waitUntil("a commit failed", seconds: 90) {
            worker.text.contains(/"level":"(warning|error)".*"trace_id":/)
        }
        try blocker.query("ROLLBACK")
        try rig.waitUntilProcessed()
        #expect(try rig.stopAll() == [0])
        let seen = try receiver.seen()
        let line = try #require(seen.logs.first { !$0.trace.isEmpty && $0.severity >= 13 })
        #expect(
            worker.text.contains("\"span_id\":\"\(line.span)\",")
                || worker.text.contains("\"span_id\":\"\(line.span)\"}"))
        #expect(line.attributes["trace_id"] == nil)
        let batch = try #require(seen.spans("weir.batch").first { $0.span == line.span && $0.trace == line.trace })
        let commit = try #require(seen.spans("weir.commit").first { $0.parent == batch.span })
        #expect(Int(commit.attributes["weir.failed_attempts"] ?? "") ?? 0 > 0)
    }

    @Test func metricsAreThoseOfTheCatalogue() throws {
        let receiver = try OTLPReceiver()
        let rig = try Rig(partitions: 2)
        try rig.start("measured", more: ["--otlp", "http://\(receiver.address)"])
        try rig.produce(rig.options(events: 500))
        try rig.waitUntilProcessed()
        let processed = try rig.processed()
        #expect(try rig.stopAll() == [0])
        let seen = try receiver.seen()
        let families = Dictionary(uniqueKeysWithValues: MetricCatalogue.all.map { ($0.name, $0) })
        for (name, metric) in seen.metrics {
            let family = try #require(families[name], "\(name)")
            let kind =
                switch family.kind {
                case .counter: "sum"
                case .histogram: "histogram"
                case .gauge, .info: "gauge"
                }
            #expect(metric.kind == kind && metric.cumulative && metric.monotonic == (kind == "sum"), "\(name)")
            #expect(metric.points.allSatisfy { Set($0.attributes.keys) == Set(family.labels) && $0.start > 0 })
            if family.unit == "seconds" { #expect(metric.unit == "s") }
        }
        let commits = try #require(seen.metrics["weir_commits_total"]?.points.first?.value)
        #expect(Int(commits) == seen.spans("weir.batch").count)
        let records = seen.spans("weir.batch").compactMap { Int($0.attributes["messaging.batch.message_count"] ?? "") }
        #expect(records.reduce(0, +) == processed)
        let lag = try #require(seen.metrics["weir_record_lag_seconds"])
        #expect(lag.points.allSatisfy { $0.buckets?.reduce(0, +) == $0.count })
    }

    /// From a bucket of the lag to the producer's trace or the batch's, in Prometheus and at the collector. Counts of a
    /// partition are told after a minute only.
    @Test func aBucketLeadsToATrace() throws {
        let receiver = try OTLPReceiver()
        let rig = try Rig(partitions: 2)
        let worker = try rig.start(
            "exemplified", more: ["--otlp", "http://\(receiver.address)", "--console", ":0"])
        let prometheus = try PrometheusServer(targets: [ConsoleClient(of: worker).address])
        try rig.produce(rig.options(events: 200))
        try rig.waitUntilProcessed()
        let sender = try OddSender(rig, topic: rig.topic("user.activity.v1"))
        try sender.send(
            "not_framed", key: [1], payload: [9], headers: [KafkaHeader(TraceContext.header, Self.sampled)],
            partition: 0)
        try sender.finish()
        try rig.waitUntilProcessed()
        func kept() throws -> [(series: [String: String], exemplar: PrometheusServer.Exemplar)] {
            try prometheus.exemplars(of: "weir_record_lag_seconds_bucket")
        }
        try waitUntil("Prometheus has the producer's trace", seconds: 90) {
            try kept().contains { $0.exemplar.labels["trace_id"] == Self.producerTrace }
        }
        let told = try kept()
        #expect(try rig.stopAll() == [0])
        let seen = try receiver.seen()
        let spans = Set((seen.spans("weir.batch") + seen.spans("weir.record")).map(\.id))
        let names = Set(
            told.map { "\($0.exemplar.labels["trace_id"] ?? "")-\($0.exemplar.labels["span_id"] ?? "")" })
        #expect(names.count > 1 && names.isSubset(of: spans), "\(names)")
        for (series, exemplar) in told {
            let (lag, end) = (Double(exemplar.value) ?? .nan, Double(series["le"] ?? "") ?? .nan)
            #expect(lag <= end, "\(series) \(exemplar)")
        }
        let points = try #require(seen.metrics["weir_record_lag_seconds"]).points
        let collected = Set(points.flatMap { $0.exemplars ?? [] })
        #expect(collected.isSuperset(of: names) && collected.isSubset(of: spans), "\(collected), \(names)")
        let events = try #require(seen.metrics["weir_event_lag_seconds"])
        #expect(events.points.allSatisfy { $0.exemplars == [] })
    }

    /// Away, slow, busy and refusing: results are exact, nobody waits, and what was dropped is counted.
    @Test(arguments: ["away", "slow", "busy", "refuse"])
    func aCollectorInTroubleIsNoTrouble(kind: String) throws {
        let receiver = try OTLPReceiver()
        if kind == "away" { receiver.stop() } else { try receiver.behave(kind) }
        let rig = try Rig(partitions: 2)
        let worker = try rig.start(
            "untroubled", more: ["--otlp", "http://\(receiver.address)", "--console", ":0"])
        let console = try ConsoleClient(of: worker)
        let expectation = try rig.produce(rig.options(events: 3_000))
        try rig.waitUntilProcessed()
        if kind == "refuse" {
            try waitUntil("drops are counted") {
                try console.get("/metrics")?.text.contains(
                    /weir_telemetry_items_total\{signal="traces",outcome="refused"\} [1-9]/) == true
            }
        }
        if kind == "busy" {
            try waitUntil("it was tried again") { try (receiver.seen().turnedAway["/v1/traces"]?.count ?? 0) >= 3 }
            let times = try receiver.seen().turnedAway["/v1/traces"] ?? []
            #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 >= 0.99 }, "Retry-After is 1 s: \(times)")
            try receiver.behave("ok")
            try waitUntil("what waited has come") { try !receiver.seen().spans("weir.batch").isEmpty }
        }
        try rig.expectExact(expectation)
        if kind == "away" { #expect(worker.text.contains("does not take telemetry")) }
        if kind == "busy" {
            let seen = try receiver.seen()
            let records = seen.spans("weir.batch").compactMap {
                Int($0.attributes["messaging.batch.message_count"] ?? "")
            }
            #expect(try records.reduce(0, +) == rig.processed(), "nothing was lost meanwhile")
        }
    }
}
