// The lag of any consumer group under whatever load there is: from each record's timestamp to the group's commit.

internal import Foundation
internal import Synchronization
public import WeirKafka

/// Reads the topic beside the group, in no group, for the timestamps. They are wall-clock milliseconds of the producer or
/// the broker: a lag may be up to 1 ms too long, and is wrong by as much as that clock differs from this machine's.
public final class LagProbe {
    public struct Target: Sendable {
        public var brokers: String
        public var kafka: KafkaSettings
        public var group: String
        public var topic: String
        public var partitions: Int

        public init(brokers: String, kafka: KafkaSettings, group: String, topic: String, partitions: Int) {
            self.brokers = brokers
            self.kafka = kafka
            self.group = group
            self.topic = topic
            self.partitions = partitions
        }
    }

    private let watcher: PositionWatcher
    private let tail = TailReader()
    private let target: Target
    private let starts: [(partition: TopicPartition, offset: Int64)]
    private let seconds: Double
    private let patience: Double

    /// - Parameters:
    ///   - seconds: records that arrive in so many seconds count.
    ///   - patience: seconds that the last of them may take.
    public init(_ target: Target, seconds: Double, patience: Double) throws {
        self.target = target
        self.seconds = seconds
        self.patience = patience
        let settings = [(name: "bootstrap.servers", value: target.brokers)] + target.kafka
        let admin = try KafkaAdmin(settings)
        var starts: [(partition: TopicPartition, offset: Int64)] = []
        for number in 0..<target.partitions {
            let partition = TopicPartition(topic: target.topic, partition: Int32(number))
            starts.append((partition, try admin.offsets(of: partition).end))
        }
        self.starts = starts
        // From the first moment on: a record's timestamp may lie before the probe's start.
        watcher = PositionWatcher(book: LagBook(starts: starts, window: Int64.min..<Int64(seconds * 1e9)))
    }

    /// Records with a timestamp that this machine's clock has not reached, and by how much at the most.
    public var ahead: (records: Int, milliseconds: Int64) { tail.ahead }

    /// Seconds from one commit that moved a partition's offset to the next, on average; nil if there were not two. It is a
    /// part of every lag: who commits every five seconds is five seconds late with some records.
    public var commitInterval: Double? {
        let commits = watcher.state.withLock { $0.book.advances }
        return commits < 2 ? nil : seconds * Double(starts.count) / Double(commits)
    }

    /// - Parameter tick: called every few milliseconds with the seconds gone, the records read and those done.
    public func run(tick: (Double, Int, Int) throws -> Void) throws -> LoadMeasurement {
        let settings = [(name: "bootstrap.servers", value: target.brokers)] + target.kafka
        let start = MonotonicClock.now()
        let reader = try KafkaReader(
            [("fetch.wait.max.ms", "20"), ("socket.nagle.disable", "true"), ("group.id", "weir-bench-lag")] + settings,
            from: starts.map { ($0.partition, $0.offset) })
        tail.begin(reader, start: start, until: Int64(seconds * 1e9))
        let (group, partitions) = (target.group, starts.map(\.partition))
        watcher.begin(
            open: { try GroupPositions(group: group, settings: settings, partitions: partitions) },
            notes: { [tail] in tail.take() }, start: start, interval: 5_000_000)
        defer { tail.stop() }
        var now = 0.0
        repeat {
            Thread.sleep(forTimeInterval: 0.005)
            now = Double(MonotonicClock.now() - start) / 1e9
            let done = watcher.state.withLock { $0.book.settledInWindow + $0.book.tooLate }
            try tick(now, tail.count, done)
            if now > seconds + 0.2, done >= tail.count { break }
        } while now < seconds + patience
        tail.stop()
        watcher.end()
        let state = watcher.state.withLock { $0 }
        if state.looks == 0, let error = state.lastError { throw LagProbeFailure(words: error) }
        var counts = OpenLoopSender.Counts()
        counts.scheduled = tail.count
        counts.sent = tail.count
        counts.acknowledged = tail.count
        counts.delivered = tail.count
        counts.total = tail.count
        var measurement = LoadMeasurement(counts, state, seconds: now, duration: seconds)
        // Many groups commit every few seconds: between two commits nothing stands still.
        measurement.standstills = nil
        return measurement
    }
}

struct LagProbeFailure: Error, CustomStringConvertible {
    var words: String
    var description: String { "the group's offsets cannot be read: \(words)" }
}

/// Reads new records on a thread of its own, for their offsets and timestamps.
private final class TailReader: Sendable {
    private struct State {
        var notes: [DeliveryNote] = []
        /// Records that count.
        var count = 0
        var ahead = (records: 0, milliseconds: Int64(0))
    }

    private let state = Mutex(State())
    private let isStopping = Atomic(false)

    var count: Int { state.withLock { $0.count } }
    var ahead: (records: Int, milliseconds: Int64) { state.withLock { $0.ahead } }

    func take() -> [DeliveryNote] {
        state.withLock { state in
            defer { state.notes = [] }
            return state.notes
        }
    }

    func stop() { isStopping.store(true, ordering: .relaxed) }

    func begin(_ reader: KafkaReader, start: Int64, until end: Int64) {
        let handover = Handover(reader)
        Thread { [self] in
            guard let reader = handover.take() else { return }
            // Read again for each record: the wall clock may be set, the monotonic one is not.
            while !isStopping.load(ordering: .relaxed) {
                guard let message = reader.poll(milliseconds: 20), message.isRecord else { continue }
                let ago = Int64(Date().timeIntervalSince1970 * 1000) - message.timestamp
                let intended = MonotonicClock.now() - start - ago * 1_000_000
                let note = DeliveryNote(intended: intended, partition: Int(message.partition), offset: message.offset)
                state.withLock { state in
                    // Those behind the end do not count, but their offsets are somebody's.
                    state.notes.append(note)
                    if intended < end { state.count += 1 }
                    // A millisecond is what timestamps are rounded to.
                    if ago < -1 {
                        state.ahead.records += 1
                        state.ahead.milliseconds = max(state.ahead.milliseconds, -ago)
                    }
                }
            }
        }.start()
    }
}
