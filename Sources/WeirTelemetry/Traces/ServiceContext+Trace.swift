// The span that a context is in, where swift-distributed-tracing keeps it.

public import Tracing
public import WeirObserve

extension ServiceContext {
    private enum TraceContextKey: ServiceContextKey {
        typealias Value = TraceContext
        static var nameOverride: String? { TraceContext.header }
    }

    /// The span that work in this context is a part of: of this process, or of whoever asked it. Who sets it continues
    /// that trace.
    public var traceContext: TraceContext? {
        get { self[TraceContextKey.self] }
        set { self[TraceContextKey.self] = newValue }
    }
}
