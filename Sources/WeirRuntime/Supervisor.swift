// Runs the workers of a topology: starts their threads, stops them all when one fails, tells how they are.

internal import Foundation
public import Logging
internal import Synchronization
public import WeirCore
internal import WeirKafka
public import WeirObserve

/// One thread per worker. A worker that fails stops the others: they commit what they have and leave.
public final class Supervisor: Sendable {
    private let job: Job
    private let secret: Hash128
    private let logger: Logger
    private let spans: (any SpanSink)?
    public let statuses: [WorkerStatus]
    private let logs: LogWatch
    private let database: DatabaseWatch
    private let reporter: LagReporter?
    private let stopping = Atomic(false)
    /// Workers that have not ended.
    private let working: Atomic<Int>
    private let running = Atomic(true)
    private let failure = Mutex<(any Error)?>(nil)
    private let series: Mutex<TallySeries>

    /// - Parameters:
    ///   - secret: see `ServerChecks.secret`.
    ///   - spans: who collects what workers did as spans; nil if nobody does.
    public init(job: Job, secret: Hash128, workers: Int, spans: (any SpanSink)?, logger: Logger) {
        self.job = job
        self.secret = secret
        self.spans = spans
        self.logger = logger
        statuses = (0..<workers).map { _ in WorkerStatus() }
        working = Atomic(workers)
        series = Mutex(TallySeries(period: job.topology.objective.over))
        let database = DatabaseWatch(job)
        self.database = database
        logs = LogWatch(job, statuses) {
            database.latest.view?.claims.map { TopicPartition(topic: $0.topic, partition: $0.partition) } ?? []
        }
        reporter = LagReporter(job, statuses, logger: logger)
    }

    /// - Parameter watched: somebody will ask for `status`: logs and database are looked at, too.
    public func start(watched: Bool) {
        for number in statuses.indices {
            NamedThread.start("weir-\(number)", stackSize: 8 << 20) { [self] in work(number) }
        }
        // Whether an idle partition is a good one, only the log can tell.
        if watched || reporter != nil { logs.start { [self] in noteTally() } }
        if watched { database.start() }
        reporter?.start()
    }

    /// Asks all workers to commit what they have and leave.
    public func stop() { stopping.store(true, ordering: .relaxed) }

    public var isRunning: Bool { running.load(ordering: .acquiring) }

    /// What made the first worker stop by itself, if one did.
    public var error: (any Error)? { failure.withLock { $0 } }

    /// How the topology stands in this process now. Cheap enough to be asked for every second.
    public var status: TopologyStatus {
        let (view, problem) = database.latest
        return TopologyStatus(
            topology: job.topology, workers: statuses.map { $0.read() }, series: series.withLock { $0 },
            database: view, databaseProblem: problem, endsElsewhere: logs.endsElsewhere,
            failure: error.map { "\($0)" }, lagReports: reporter?.counts)
    }

    private func noteTally() {
        var tally = RecordTally()
        for status in statuses { tally.add(status.tally) }
        series.withLock { $0.note(tally, at: WallClock.monotonic()) }
    }

    private func work(_ number: Int) {
        do {
            let worker = try Worker(
                job: job, secret: secret, number: number, status: statuses[number], spans: spans, logger: logger
            ) { [self] in stopping.load(ordering: .relaxed) }
            try worker.run()
        } catch {
            failure.withLock { if $0 == nil { $0 = error } }
            stop()
        }
        guard working.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        reporter?.finish()
        logs.stop()
        database.stop()
        running.store(false, ordering: .releasing)
    }
}
