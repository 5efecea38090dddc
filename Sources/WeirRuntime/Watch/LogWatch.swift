// Looks at the logs of held partitions from outside the workers: where they end, and how old what waits is.

internal import Synchronization
internal import WeirCore
internal import WeirKafka
internal import WeirObserve

/// A thread with a client of its own, which belongs to no group. It sees what a consumer cannot see that is paused,
/// stuck or not assigned yet. Without an answer from the broker it says nothing, and ages rise.
final class LogWatch: Sendable {
    private let settings: KafkaSettings
    private let statuses: [WorkerStatus]
    /// Partitions that others have.
    private let elsewhere: @Sendable () -> [TopicPartition]
    private let ends = Mutex<[LogEnd]>([])
    private let stopping = Atomic(false)
    private let waker = Waker()

    /// Milliseconds between looks.
    private static let interval: Int32 = 2000
    /// Logs that are read in one look to learn how old their next record is; others come in the next.
    private static let mostHeads = 8
    /// For one record, in microseconds.
    private static let patience: Int64 = 2_000_000

    /// - Parameter claimed: every partition that somebody claimed, whoever it was.
    init(_ job: Job, _ statuses: [WorkerStatus], claimed: @escaping @Sendable () -> [TopicPartition]) {
        settings = LogInspector.withoutMembership(job.consumerSettings(instance: nil, worker: 0))
        self.statuses = statuses
        elsewhere = {
            let held = Set(
                statuses.flatMap { status in
                    status.read().held.map { TopicPartition(topic: $0.topic, partition: $0.partition) }
                })
            return claimed().filter { !held.contains($0) }
        }
    }

    /// Where the logs of partitions end that others have, as far as brokers said.
    var endsElsewhere: [LogEnd] { ends.withLock { $0 } }

    /// - Parameter meanwhile: called before each look.
    func start(meanwhile: @escaping @Sendable () -> Void) {
        NamedThread.start("weir-logs") { [self] in
            var admin: KafkaAdmin?
            while !isStopping {
                meanwhile()
                if admin == nil { admin = try? KafkaAdmin(settings) }
                if let admin {
                    for status in statuses { look(at: status, admin) }
                    lookElsewhere(admin)
                }
                waker.wait(milliseconds: Self.interval)
            }
        }
    }

    func stop() {
        stopping.store(true, ordering: .releasing)
        waker.wake()
    }

    private var isStopping: Bool { stopping.load(ordering: .acquiring) }

    private func look(at status: WorkerStatus, _ admin: KafkaAdmin) {
        // Before its claim nobody knows what is committed.
        let held = status.read().held.filter { $0.held?.phase != .claiming }
        guard !held.isEmpty else { return }
        // What is committed is read before the end is asked for, so an end that equals it is a log that is drained.
        let ids = held.map { TopicPartition(topic: $0.topic, partition: $0.partition) }
        guard let ends = try? admin.ends(of: ids, milliseconds: 5000) else { return }
        let now = WallClock.now()
        var heads = 0
        var views: [TopicPartition: PartitionStatus.LogView] = [:]
        for (id, partition) in zip(ids, held) {
            guard let end = ends[id], let committed = partition.held.map(\.committed) else { continue }
            let first = committed == nil ? try? admin.offsets(of: id).first : nil
            var view = PartitionStatus.LogView(
                committed: committed, first: first, end: end, askedAt: now, drainedAt: partition.log?.drainedAt)
            let from = committed ?? first ?? 0
            if end == from {
                view.drainedAt = now
            } else if end < from {
                // Another log than the one that was read: nothing is known of what waits in it.
            } else if let last = partition.log, last.committed == committed, last.end > from {
                // Still the same record after two seconds: it is not just on its way.
                view.head = last.head
                if view.head == nil, partition.held?.oldestTaken == nil, heads < Self.mostHeads {
                    heads += 1
                    switch head(of: id, from: from) {
                    case .record(let time): view.head = time
                    // Markers of transactions at the end of the log are no records.
                    case .nothing: view.drainedAt = now
                    case .unknown: break
                    }
                }
            }
            views[id] = view
        }
        status.saw(views)
    }

    /// Only where they end: what waits there is for their owners to tell.
    private func lookElsewhere(_ admin: KafkaAdmin) {
        let others = elsewhere()
        // Without an answer the last one's age tells. A short time: our own partitions wait for their next look.
        guard let found = try? admin.ends(of: others, milliseconds: 2000) else { return }
        let now = WallClock.now()
        ends.withLock { ends in
            ends = found.map { LogEnd(topic: $0.topic, partition: $0.partition, end: $1, askedAt: now) }
        }
    }

    private enum Head {
        /// Microseconds since 1970.
        case record(Int64)
        case nothing
        case unknown
    }

    private func head(of id: TopicPartition, from offset: Int64) -> Head {
        guard
            let reader = try? KafkaReader(
                settings + [("enable.partition.eof", "true")], partitions: [id], from: offset)
        else { return .unknown }
        let deadline = WallClock.monotonic() + Self.patience
        while WallClock.monotonic() < deadline, !isStopping {
            guard let message = reader.poll(milliseconds: 100) else { continue }
            if message.isRecord {
                let now = WallClock.now()
                // A record that names no time, or the future, has waited since now at least.
                guard message.timestamp >= 0, message.timestamp <= now / 1000 else { return .record(now) }
                return .record(message.timestamp * 1000)
            }
            return message.error?.isPartitionEnd == true ? .nothing : .unknown
        }
        return .unknown
    }
}
