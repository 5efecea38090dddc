// What is said through swift-distributed-tracing, as spans that are sent.

import Dispatch
import Testing
import Tracing
import WeirObserve
import WeirTelemetry

struct TracerTests {
    private struct Trouble: Error, CustomStringConvertible { let description = "out of paper" }

    private struct Moment: TracerInstant {
        let nanosecondsSinceEpoch: UInt64

        static func < (one: Moment, other: Moment) -> Bool { one.nanosecondsSinceEpoch < other.nanosecondsSinceEpoch }
    }

    private struct Headers: Injector, Extractor {
        func inject(_ value: String, forKey key: String, into headers: inout [String: String]) { headers[key] = value }

        func extract(key: String, from headers: [String: String]) -> String? { headers[key] }
    }

    private let collector = SpanCollector()

    @Test func aChildIsInItsParentsTrace() throws {
        collector.trace {
            withSpan("outer", ofKind: .server) { _ in
                withSpan("inner", ofKind: .client) { _ in }
                withSpan("second") { _ in }
            }
            withSpan("another") { _ in }
        }
        let spans = collector.spans
        #expect(spans.map(\.name) == ["inner", "second", "outer", "another"])
        #expect(spans.map(\.kind) == [.client, .internal, .server, .internal])
        let (outer, another) = (spans[2], spans[3])
        for child in spans[..<2] {
            #expect(child.parent == outer.context.span)
            #expect(child.context.traceID == outer.context.traceID)
            #expect(child.start >= outer.start && child.end <= outer.end)
        }
        #expect(outer.parent == nil && another.parent == nil)
        #expect(another.context.traceID != outer.context.traceID)
        #expect(Set(spans.map(\.context.span)).count == 4)
        #expect(spans.allSatisfy { $0.context.isSampled && $0.context.span != 0 && $0.status == .unset })
    }

    /// Whoever began the trace decides.
    @Test func aChildIsSampledAsItsParentIs() {
        let unsampled = TraceContext(traceHigh: 1, traceLow: 2, span: 3, isSampled: false)
        collector.trace {
            withSpan("of nobody's", context: .of(unsampled)) { span in
                #expect(!span.isRecording)
                #expect(span.context.traceContext?.traceID == unsampled.traceID)
                #expect(span.context.traceContext?.isSampled == false)
                span.attributes["a"] = 1
                #expect(span.attributes.isEmpty)
                withSpan("grandchild") { _ in }
            }
            withSpan("of a caller's", context: .of(caller)) { #expect($0.isRecording) }
        }
        #expect(collector.spans.map(\.name) == ["of a caller's"])
        #expect(collector.spans.first?.parent == caller.span)
        #expect(collector.spans.first?.context.traceID == caller.traceID)
    }

    @Test func whatIsInjectedIsExtracted() throws {
        let tracer = OTLPTracer(collector)
        for isSampled in [true, false] {
            let trace = TraceContext(traceHigh: 1 << 63, traceLow: 7, span: 9, isSampled: isSampled)
            var headers: [String: String] = [:]
            tracer.inject(.of(trace), into: &headers, using: Headers())
            #expect(headers == ["traceparent": trace.traceparent])
            var context = ServiceContext.topLevel
            tracer.extract(headers, into: &context, using: Headers())
            #expect(context.traceContext == trace)
        }
        var headers: [String: String] = [:]
        tracer.inject(.topLevel, into: &headers, using: Headers())
        #expect(headers.isEmpty)
        for nonsense in ["", "garbage", "00-\(caller.traceID)-\(caller.spanID)-01-more"] {
            var context = ServiceContext.topLevel
            tracer.extract(["traceparent": nonsense], into: &context, using: Headers())
            #expect(context.traceContext == nil, "\(nonsense)")
        }
    }

    @Test func anErrorIsAnEventAndTheStatus() throws {
        #expect(throws: Trouble.self) {
            try collector.trace { try withSpan("print") { _ in throw Trouble() } }
        }
        let span = try #require(collector.spans.first)
        #expect(span.status == .error("out of paper"))
        let event = try #require(span.events.first)
        #expect(event.name == "exception" && event.time >= span.start && event.time <= span.end)
        #expect(event.attributes.contains(TraceSpan.Attribute("exception.message", "out of paper")))
        #expect(event.attributes.contains(TraceSpan.Attribute("exception.type", "Trouble")))
    }

    @Test func whatIsKnownToBeGoodStaysSo() {
        let tracer = OTLPTracer(collector)
        func status(_ told: SpanStatus...) -> TraceSpan.Status? {
            let span = tracer.startSpan("work")
            for status in told { span.setStatus(status) }
            span.end()
            return collector.spans.last?.status
        }
        #expect(status() == .unset)
        #expect(status(SpanStatus(code: .error)) == .error(""))
        #expect(status(SpanStatus(code: .error, message: "a"), SpanStatus(code: .error)) == .error("a"))
        #expect(status(SpanStatus(code: .error), SpanStatus(code: .error, message: "b")) == .error("b"))
        #expect(status(SpanStatus(code: .error, message: "a"), SpanStatus(code: .ok)) == .ok)
        #expect(status(SpanStatus(code: .ok), SpanStatus(code: .error, message: "a")) == .ok)
    }

    @Test func allThatIsSaidIsTold() throws {
        let span = OTLPTracer(collector).startSpan("first", at: Moment(nanosecondsSinceEpoch: 5_000_999))
        span.operationName = "second"
        span.attributes = [
            "text": "x", "whole": 7, "broken": 0.5, "flag": true, "wholes": .int64Array([1, 2]),
            "texts": .stringArray(["a"]), "other": .stringConvertible(Trouble()),
        ]
        span.addLink(SpanLink(context: .of(caller), attributes: ["why": "asked"]))
        span.addLink(SpanLink(context: .topLevel, attributes: [:]))
        span.addEvent(SpanEvent(name: "half", at: Moment(nanosecondsSinceEpoch: 6_000_000), attributes: ["n": 1]))
        span.end(at: Moment(nanosecondsSinceEpoch: 7_000_000))
        let told = try #require(collector.spans.first)
        #expect(told.name == "second" && told.start == 5_000 && told.end == 7_000)
        #expect(
            told.attributes == [
                TraceSpan.Attribute("broken", .number(0.5)), TraceSpan.Attribute("flag", .flag(true)),
                TraceSpan.Attribute("other", "out of paper"), TraceSpan.Attribute("text", "x"),
                TraceSpan.Attribute("texts", .list([.text("a")])), TraceSpan.Attribute("whole", 7),
                TraceSpan.Attribute("wholes", .list([.integer(1), .integer(2)])),
            ])
        #expect(told.links == [TraceSpan.Link(caller, attributes: [TraceSpan.Attribute("why", "asked")])])
        #expect(told.events == [TraceSpan.Event("half", at: 6_000, attributes: [TraceSpan.Attribute("n", 1)])])
        #expect(told.omissions == TraceSpan.Omissions())
    }

    @Test func anEndIsAnEnd() {
        let span = OTLPTracer(collector).startSpan("once")
        span.end()
        span.attributes["late"] = true
        span.addEvent("late")
        span.setStatus(SpanStatus(code: .error))
        span.end()
        #expect(!span.isRecording)
        #expect(collector.spans.count == 1 && collector.spans.first?.attributes == [])
        #expect(collector.spans.first?.status == .unset)
    }

    /// Attributes are set as the façade makes of `span.attributes[…] = …`: all are read, and all are written.
    @Test func threadsShareASpan() throws {
        let span = OTLPTracer(collector).startSpan("shared")
        DispatchQueue.concurrentPerform(iterations: 64) { index in
            span.attributes["number \(index)"] = index
            span.addEvent(SpanEvent(name: "event \(index)"))
            span.addLink(SpanLink(context: .of(caller.sibling(span: UInt64(index + 1))), attributes: [:]))
        }
        DispatchQueue.concurrentPerform(iterations: 8) { _ in span.end() }
        let told = try #require(collector.spans.first)
        #expect(collector.spans.count == 1)
        #expect(told.attributes.count == 64 && told.events.count == 64 && told.links.count == 64)
        #expect(Set(told.events.map(\.name)).count == 64)
        #expect(told.attributes.allSatisfy { "\($0.value)" == "integer(\($0.name.dropFirst(7)))" })
    }

    @Test func aSpanIsBounded() throws {
        let span = OTLPTracer(collector).startSpan("large")
        for index in 0..<200 {
            span.attributes["number \(index)"] = index
            span.addEvent("event")
            span.addLink(SpanLink(context: .of(caller), attributes: [:]))
        }
        // Of those that are known already there may be new values.
        span.attributes["number 0"] = String(repeating: "é", count: 5_000)
        span.attributes["number 1"] = SpanAttribute.int64Array(Array(repeating: 1, count: 5_000))
        span.end()
        let told = try #require(collector.spans.first)
        #expect(told.attributes.count == 128 && told.events.count == 128 && told.links.count == 128)
        #expect(told.omissions.attributes == 72 && told.omissions.events == 72 && told.omissions.links == 72)
        #expect(told.attributes.first { $0.name == "number 0" }?.value == .text(String(repeating: "é", count: 512)))
        #expect(
            told.attributes.first { $0.name == "number 1" }?.value
                == .list(Array(repeating: .integer(1), count: 128)))
    }

    /// Whatever is said of it: thousands wait while a collector is away.
    @Test func aSpanIsBoundedAsAWhole() throws {
        let span = OTLPTracer(collector).startSpan("huge")
        let text = String(repeating: "x", count: 5_000)
        for index in 0..<100 {
            span.attributes["number \(index)"] = text
            span.addEvent(SpanEvent(name: text, attributes: ["a": .stringArray([text, text])]))
        }
        span.recordError(Trouble())
        span.end()
        let told = try #require(collector.spans.first)
        #expect("\(told)".utf8.count < 100 << 10)
        #expect(told.attributes.count + told.omissions.attributes == 100 && told.omissions.attributes > 0)
    }

    @Test func withoutATracerNothingHappens() {
        withSpan("nowhere") { span in
            #expect(!span.isRecording)
            #expect(ServiceContext.current?.traceContext == nil)
        }
        #expect(collector.spans.isEmpty)
    }
}
