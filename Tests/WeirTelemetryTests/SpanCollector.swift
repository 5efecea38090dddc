// Takes spans, for tests to look at.

import Synchronization
import Tracing
import WeirObserve
import WeirTelemetry

final class SpanCollector: SpanSink {
    private let taken = Mutex<[TraceSpan]>([])

    func take(_ spans: [TraceSpan]) { taken.withLock { $0 += spans } }

    /// In the order of their ends.
    var spans: [TraceSpan] { taken.withLock { $0 } }

    /// Runs code that says what it does through swift-distributed-tracing, and knows no back end.
    func trace(_ code: () throws -> Void) rethrows { try withTracer(OTLPTracer(self)) { try code() } }
}

/// Another process's.
let caller = TraceContext(traceHigh: 0x0af7_6519_16cd_43dd, traceLow: 0x8448_eb21_1c80_319c, span: 0xb7ad)

extension ServiceContext {
    static func of(_ trace: TraceContext) -> ServiceContext {
        var context = ServiceContext.topLevel
        context.traceContext = trace
        return context
    }
}
