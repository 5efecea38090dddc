// What a worker did, as spans: a trace for each batch, and in the traces of producers a span for each record they follow.

internal import Logging
internal import WeirCore
internal import WeirKafka
internal import WeirObserve

/// Used by the worker's thread. Works once for each commit, never for each record.
struct WorkerTracer {
    private let sink: any SpanSink
    private let topology: String
    private var random = SystemRandomNumberGenerator()
    /// Commits that failed before the last one that did not.
    private var failures: Int64 = 0
    /// The batch that is being committed.
    private(set) var current: TraceContext?

    init(sink: any SpanSink, topology: String) {
        self.sink = sink
        self.topology = topology
    }

    /// For log lines about it.
    var metadata: Logger.Metadata {
        current.map { ["trace_id": "\($0.traceID)", "span_id": "\($0.spanID)"] } ?? [:]
    }

    mutating func writes(_ trace: BatchTrace?) { current = trace?.context }

    /// Nothing is being committed any more.
    mutating func drops() { current = nil }

    /// - Parameter failed: commits that failed, since the worker began.
    mutating func committed(_ batch: borrowing OpenBatch, windows: Int, failed: Int64, at now: Moment) {
        current = nil
        let failuresHere = failed - failures
        failures = failed
        guard let trace = batch.trace else { return }
        let context = trace.context
        let clock = Clock(now)
        typealias Attribute = TraceSpan.Attribute
        let about = [Attribute("weir.topology", topology), Attribute("messaging.system", "kafka")]
        let opened = clock.wall(batch.openedAt)
        let handedOver = clock.wall(trace.handedOverAt)
        var spans = [
            TraceSpan(
                "weir.batch", .consumer, context, parent: nil, start: opened, end: now.wall,
                attributes: about + [
                    Attribute("messaging.batch.message_count", batch.load.records),
                    Attribute("weir.partitions", batch.parts.count),
                    Attribute("weir.dead_letters", batch.deadLetters.count),
                ], links: batch.traced.map { TraceSpan.Link($0.parent) }),
            TraceSpan("weir.read", .internal, child(of: context), parent: context.span, start: opened, end: handedOver),
            TraceSpan(
                "weir.commit", .client, child(of: context), parent: context.span, start: handedOver, end: now.wall,
                attributes: [
                    Attribute("db.system.name", "postgresql"), Attribute("weir.usage_rows", windows),
                    Attribute("weir.failed_attempts", failuresHere),
                ]),
        ]
        for record in batch.traced {
            spans.append(
                TraceSpan(
                    "weir.record", .consumer, record.context, parent: record.parent.span,
                    start: clock.wall(record.takenAt), end: now.wall,
                    attributes: about + place(record.source) + [Attribute("messaging.kafka.offset", record.offset)],
                    links: [TraceSpan.Link(context)]))
        }
        sink.take(spans)
    }

    mutating func published(_ publications: [Publication], at now: Moment) {
        guard !publications.isEmpty else { return }
        let clock = Clock(now)
        var spans: [TraceSpan] = []
        for publication in publications {
            spans.append(
                TraceSpan(
                    "weir.publish", .producer, child(of: publication.trace), parent: publication.trace.span,
                    start: clock.wall(publication.from), end: clock.wall(publication.to),
                    attributes: place(publication.source) + [
                        TraceSpan.Attribute("messaging.batch.message_count", publication.messages)
                    ]))
        }
        sink.take(spans)
    }

    private func place(_ id: TopicPartition) -> [TraceSpan.Attribute] {
        [
            TraceSpan.Attribute("messaging.destination.name", id.topic),
            TraceSpan.Attribute("messaging.destination.partition.id", "\(id.partition)"),
        ]
    }

    private mutating func child(of context: TraceContext) -> TraceContext {
        context.sibling(span: .random(in: 1 ... .max, using: &random))
    }

    /// From the monotonic clock to the time of day.
    private struct Clock {
        private let offset: Int64

        init(_ now: Moment) { offset = now.wall - now.monotonic }

        func wall(_ monotonic: Int64) -> Int64 { monotonic + offset }
    }
}
