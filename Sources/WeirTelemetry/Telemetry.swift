// Telemetry of a process to a collector: traces, log lines and metrics, each with a queue and a thread of its own.

internal import Dispatch
public import Logging
internal import Synchronization
public import WeirObserve

/// Whoever hands something over never waits: what does not fit into a queue is dropped, and counted in `counts`.
public final class Telemetry: Sendable {
    private let traces: Exporter<TraceSpan>
    private let logs: Exporter<LoggedLine>
    private let metrics: Exporter<MeasuredPage>
    private let measures = PageSource()

    /// Spans, and log lines, that wait at the most; a worker's span takes about 1 KiB, a tracer's 64 KiB at the most.
    static let capacity = 4096
    private static let sendEvery: Int64 = 1_000_000
    private static let measureEvery: Int64 = 10_000_000

    /// Starts its threads.
    ///
    /// - Parameters:
    ///   - logger: for trouble with the collector; its lines must not come here.
    ///   - clock: microseconds since 1970.
    public init(
        _ settings: OTLPSettings, resource: OTLPResource, logger: Logger, clock: @escaping @Sendable () -> Int64
    ) {
        let pace = ExportPace(every: Self.sendEvery)
        traces = Exporter(
            signal: "traces", capacity: Self.capacity, pace: pace, logger: logger,
            encode: { OTLPTraces.encode($0, resource) })
        logs = Exporter(
            signal: "logs", capacity: Self.capacity, pace: pace, logger: logger,
            encode: { OTLPLogs.encode($0, resource) })
        // One page at a time: the next one has all that a lost one had.
        metrics = Exporter(
            signal: "metrics", capacity: 0,
            pace: ExportPace(every: Self.measureEvery, giveUpAfter: Self.measureEvery), logger: logger,
            due: { [measures, started = clock()] in measures.page(from: started, at: clock()) },
            size: { $0.page.sampleCount },
            // Messages of Protocol Buffers one after another are one message with the fields of all.
            encode: { pages in pages.reduce(into: []) { $0 += OTLPMetrics.encode($1, resource) } })
        traces.start(settings)
        logs.start(settings)
        metrics.start(settings)
    }

    /// - Parameter page: all metrics of the process, now.
    public func measure(_ page: @escaping @Sendable () -> MetricPage) { measures.set(page) }

    /// Gives what is left one try, and goes on after two seconds at the latest.
    public func stop() {
        let deadline = DispatchTime.now() + .seconds(2)
        traces.stop()
        logs.stop()
        metrics.stop()
        _ = traces.wait(until: deadline)
        _ = logs.wait(until: deadline)
        _ = metrics.wait(until: deadline)
    }

    public var counts: [(signal: String, counts: ExportCounts)] {
        [
            (traces.signal, traces.queue.counts), (logs.signal, logs.queue.counts),
            (metrics.signal, metrics.queue.counts),
        ]
    }

    func take(_ line: LoggedLine) { logs.queue.put([line]) }
}

extension Telemetry: SpanSink {
    public func take(_ spans: [TraceSpan]) { traces.queue.put(spans) }
}

/// Who makes pages of metrics: nobody, until the process has something to tell.
private final class PageSource: Sendable {
    private let make = Mutex<(@Sendable () -> MetricPage)?>(nil)

    func set(_ page: @escaping @Sendable () -> MetricPage) { make.withLock { $0 = page } }

    func page(from start: Int64, at time: Int64) -> [MeasuredPage] {
        guard let make = make.withLock({ $0 }) else { return [] }
        return [MeasuredPage(page: make(), start: start, time: time)]
    }
}
