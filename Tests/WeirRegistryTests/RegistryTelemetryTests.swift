// What a registry's client tells of its requests, and what the registry is told of their trace.

import CoreMetrics
import Synchronization
import Testing
import Tracing
import WeirHTTP
import WeirObserve
import WeirRegistry
import WeirTelemetry

struct RegistryTelemetryTests {
    private final class Spans: SpanSink {
        private let taken = Mutex<[TraceSpan]>([])

        func take(_ spans: [TraceSpan]) { taken.withLock { $0 += spans } }

        var all: [TraceSpan] { taken.withLock { $0 } }
    }

    private func lines(_ metrics: FacadeMetrics) -> [Substring] {
        var page = MetricPage()
        metrics.tell(&page)
        return String(decoding: page.encoded(.prometheus), as: UTF8.self).split(separator: "\n")
    }

    @Test func aRequestIsASpanThatTheRegistryCanContinue() throws {
        let registry = try TestRegistry()
        let spans = Spans()
        let client = try registry.client()
        try withTracer(OTLPTracer(spans)) {
            try withSpan("outer") { _ in _ = try client.schema(id: 3) }
        }
        let told = spans.all
        #expect(told.map(\.name) == ["weir.registry", "outer"])
        #expect(told[0].kind == .client && told[0].parent == told[1].context.span && told[0].status == .unset)
        #expect(told[0].attributes.contains(TraceSpan.Attribute("url.full", "\(registry.url)/schemas/ids/3")))
        _ = try client.schema(id: 3)
        #expect(registry.traceparents == [told[0].context.traceparent, nil], "without a tracer nothing is sent along")
    }

    @Test func refusalsAndOutagesAreErrors() throws {
        let registry = try TestRegistry()
        let spans = Spans()
        let metrics = FacadeMetrics()
        let client = try withMetricsFactory(metrics) { try registry.client() }
        withTracer(OTLPTracer(spans)) {
            _ = try? client.schema(id: 3)
            #expect(throws: RegistryError.self) { try client.schema(id: 77) }
            registry.answer { _ in HTTPResponse(status: 503, type: "text/plain", text: "no") }
            #expect(throws: RegistryError.self) { try client.schema(id: 3) }
        }
        let told = spans.all
        #expect(told.map { $0.status == .unset } == [true, false, false])
        let kinds = told.map { span in span.attributes.first { $0.name == "error.type" }?.value }
        #expect(kinds == [nil, .text("absent"), .text("unavailable")])
        let lines = lines(metrics)
        for (outcome, count) in [("answered", 1), ("absent", 1), ("unavailable", 1), ("refused", 0), ("invalid", 0)] {
            #expect(lines.contains("weir_registry_requests_total{outcome=\"\(outcome)\"} \(count)"))
        }
        #expect(lines.contains("weir_registry_request_seconds_count 3"))
    }

    /// Each instance that is asked is a request.
    @Test func anInstanceThatIsAwayHasItsSpan() throws {
        let registry = try TestRegistry()
        let spans = Spans()
        let client = RegistryClient(try RegistrySettings(urls: "http://127.0.0.1:1,\(registry.url)"))
        try withTracer(OTLPTracer(spans)) { _ = try client.schema(id: 3) }
        #expect(spans.all.map { $0.status == .unset } == [false, true])
    }
}
