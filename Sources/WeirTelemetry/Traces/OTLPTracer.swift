// The tracer behind swift-distributed-tracing: what the process's code says of spans goes where the workers' spans go.

public import Tracing
public import WeirObserve

/// Hands each span over when it ends, if it is sampled. A span without a parent is: Weir's edges have few of them. A child
/// is what its parent is, of whatever process. Contexts go from process to process as `traceparent`; `tracestate` does not.
public struct OTLPTracer: Tracer {
    private let sink: any SpanSink

    /// - Parameter sink: a `Telemetry`, or whatever takes the workers' spans.
    public init(_ sink: any SpanSink) { self.sink = sink }

    public func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> OTLPSpan {
        var context = context()
        let parent = context.traceContext
        let identity = parent?.sibling(span: Self.newID()) ?? Self.newTrace()
        context.traceContext = identity
        return OTLPSpan(
            operationName, kind, identity, parent: parent?.span, in: context, from: instant().microseconds, to: sink)
    }

    /// Nothing to do: spans that have ended are on their way within a second.
    public func forceFlush() {}

    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let text = extractor.extract(key: TraceContext.header, from: carrier) else { return }
        let bytes = Array(text.utf8)
        guard let found = TraceContext(traceparent: bytes.span.bytes) else { return }
        context.traceContext = found
    }

    public func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let trace = context.traceContext else { return }
        injector.inject(trace.traceparent, forKey: TraceContext.header, into: &carrier)
    }

    private static func newTrace() -> TraceContext {
        TraceContext(traceHigh: .random(in: .min ... .max), traceLow: newID(), span: newID())
    }

    /// Never 0, which would name nothing.
    private static func newID() -> UInt64 { .random(in: 1 ... .max) }
}

extension TracerInstant {
    /// Since 1970.
    var microseconds: Int64 { Int64(clamping: nanosecondsSinceEpoch / 1000) }
}
