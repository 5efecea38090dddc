// Records whose producers follow them, and the names of spans.

internal import WeirCore
package import WeirKafka
package import WeirObserve

/// A record that came with a sampled `traceparent`.
package struct TracedRecord: Sendable {
    package let source: TopicPartition
    package let offset: Int64
    /// The producer's span.
    package let parent: TraceContext
    /// Ours, in the producer's trace: what the record's outputs name.
    package let context: TraceContext
    /// On the monotonic clock, in microseconds.
    package let takenAt: Int64
    /// Its Kafka timestamp in milliseconds, if the batch counts how late it is.
    package fileprivate(set) var arrival: Int64?
}

/// A batch that is being committed, as a span.
package struct BatchTrace: Sendable {
    package let context: TraceContext
    /// When it was handed over, on the monotonic clock, in microseconds.
    package let handedOverAt: Int64
}

extension WorkerCore {
    /// Of one batch. Also the limit that collectors put on a span's links.
    static let mostTraced = 128

    /// Microseconds for a look at a record's headers, and for how many at once there is time. librdkafka parses them for
    /// it, also where there are none: a thousand instructions, an eighth of all that a record takes
    /// (bench/results/telemetry.md). So a thousand records a second are looked at, however many come.
    static let look: Int64 = 1000
    static let looksAtOnce: Int64 = 250

    /// Before the record is metered: what it changes is to know of it.
    @inline(never)
    func trace(_ record: borrowing some IncomingRecord & ~Copyable, _ state: PartitionState, _ again: Second?) {
        let lane = state.lane
        lane.pointee.meters.trace = -1
        guard looksPaidUntil <= now.monotonic + Self.look * (Self.looksAtOnce - 1),
            lane.pointee.traced.count < Self.mostTraced
        else { return }
        looksPaidUntil = max(looksPaidUntil, now.monotonic) + Self.look
        guard let parent = record.traceparent, parent.isSampled else { return }
        lane.pointee.meters.trace = Int32(lane.pointee.traced.count)
        lane.pointee.traced.append(
            TracedRecord(
                source: state.id, offset: record.offset, parent: parent, context: parent.sibling(span: newSpan()),
                takenAt: now.monotonic, arrival: again?.isOfSchema ?? true ? record.timestamp : nil))
    }

    /// The record that was traced last is put aside: how late it is is not known yet.
    func tracedIsPutAside(_ state: PartitionState) {
        let lane = state.lane
        if lane.pointee.meters.trace >= 0 { lane.pointee.traced[Int(lane.pointee.meters.trace)].arrival = nil }
    }

    /// A new trace for the batch that is handed over.
    func newBatchTrace() -> BatchTrace {
        BatchTrace(
            context: TraceContext(traceHigh: dice.next(), traceLow: newSpan(), span: newSpan()),
            handedOverAt: now.monotonic)
    }

    /// Never 0, which would name nothing.
    private func newSpan() -> UInt64 { max(1, dice.next()) }
}
