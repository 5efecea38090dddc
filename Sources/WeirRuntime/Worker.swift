// A worker: one thread with one consumer, one store and the partitions the group gave it.

internal import Histogram
public import Logging
public import WeirCore
internal import WeirKafka
public import WeirObserve
internal import WeirPostgres

/// Drives a `WorkerCore`: polls records into it, carries out its commands, brings back the answers.
///
/// Nothing in the loop waits for PostgreSQL. Only giving up partitions waits, with a deadline, for the last
/// commit.
public final class Worker {
    private let job: Job
    private let logger: Logger
    private let status: WorkerStatus
    private let stopping: @Sendable () -> Bool
    private let waker = Waker()
    private var consumer: KafkaConsumer?

    private let core: WorkerCore
    private let store: Store
    private let inspector: LogInspector
    private let probe: StallProbe
    private let asker: SchemaAsker
    private var isProbing = false
    private var probedAt: Int64 = 0
    private let consumerSettings: KafkaSettings
    /// Held as long as the worker lives.
    private let instance: InstanceLock?
    private let publisher: Publisher
    /// Nil if nobody collects spans.
    private var tracer: WorkerTracer?
    /// Rows of weir.outbox on their way to being deleted outside a batch.
    private var isDeleting = false
    private var lastHousekeeping: Int64 = 0
    private var lastReport: Int64 = 0
    /// No offsets are reported to Kafka before this: in librdkafka 2.0.2 a commit in the middle of a
    /// rebalance can cost the assignment (#4059).
    private var quietUntil: Int64 = 0
    private var restoreSaidAt: Int64 = 0
    private var restores: [TopicPartition: RestoreProgress] = [:]
    private var statusAt: Int64 = 0
    private var toldAt: Int64 = 0
    /// The group has answered the consumer.
    private var hasJoined = false
    /// Host, process and worker, as in weir.partition.
    private let owner: String

    /// A wait of half a second at most that took this long: the process was stopped or the machine slept.
    private static let longestStandstill: Int64 = 5_000_000
    /// For acknowledgements when partitions move, and at the end.
    private static let publishTime: Int64 = 10_000_000

    /// - Parameter secret: see `ServerChecks.secret`.
    public init(
        job: Job, secret: Hash128, number: Int, status: WorkerStatus, spans: (any SpanSink)?, logger: Logger,
        stopping: @escaping @Sendable () -> Bool
    ) throws {
        self.job = job
        self.status = status
        self.stopping = stopping
        var logger = logger
        logger[metadataKey: "topology"] = "\(job.topology.name)"
        logger[metadataKey: "worker"] = "\(number)"
        self.logger = logger

        owner = "\(job.owner)/\(number)"
        core = WorkerCore(
            topology: job.topology, sources: job.sources, schemas: job.catalog, secret: secret,
            settings: WorkerSettings(topology: job.topology), dice: Dice(seed: .random(in: 0 ... .max)), now: .now())
        core.isTracing = spans != nil
        tracer = spans.map { WorkerTracer(sink: $0, topology: job.topology.name) }
        store = Store(waker: waker)
        store.start(job, slot: core.slot, owner: owner)
        instance =
            job.namesItsMembers ? nil : try InstanceLock(host: job.host, group: job.topology.group)
        consumerSettings = job.consumerSettings(instance: instance?.name, worker: number)
        inspector = LogInspector(settings: consumerSettings, waker: waker)
        probe = StallProbe(settings: consumerSettings, waker: waker)
        asker = SchemaAsker(source: job.schemaSource, waker: waker)
        publisher = Publisher(
            producer: try KafkaProducer(job.producerSettings, waker: waker, log: KafkaLog.forwarding(to: logger)),
            revisions: job.topology.outputs.topic, logger: logger)
    }

    /// Works until told to stop, then commits what it has, leaves the group and publishes what is left.
    ///
    /// - Throws: `WeirError` when it cannot go on: a bug, or a statement that PostgreSQL refuses. Nothing is
    ///   committed then that is not done.
    public func run() throws {
        while !stopping(), core.failure == nil {
            if core.mustRejoin || consumer == nil { try join() }
            if let consumer { step(consumer) }
        }
        leave()
        if core.failure == nil { finishPublishing() }
        if !store.stop(microseconds: core.failure == nil ? 5_000_000 : 0) {
            logger.warning("PostgreSQL does not answer; what it has under way is decided there")
        }
        if let failure = core.failure { throw failure }
    }

    /// Becomes a member of the group, after leaving it if it is one.
    private func join() throws {
        leave()
        hasJoined = false
        let new = try KafkaConsumer(
            consumerSettings, waker: waker, log: KafkaLog.forwarding(to: logger)
        ) { [unowned self] in rebalance($0) }
        consumer = new
        try new.subscribe(job.topology.sources.map(\.topic))
    }

    /// Closes the consumer. Unless something failed, what is open is committed first, by the last rebalance.
    private func leave() {
        guard let consumer else { return }
        consumer.close()
        self.consumer = nil
        core.left()
        perform()
    }

    // MARK: The loop

    private func step(_ consumer: KafkaConsumer) {
        var drained = true
        core.now = .now()
        switch core.reading {
        case .records:
            // Often enough to look at the commit, seldom enough for its system call not to count.
            for _ in 0..<1024 {
                guard let message = consumer.poll(milliseconds: 0) else { break }
                take(message)
                drained = false
                guard case .records = core.reading else { break }
            }
        case .nothing: drained = false
        case .eventsOnly:
            drained = false
            // Nothing but events comes now; a record that still does stays within bounds.
            for _ in 0..<1024 {
                guard let message = consumer.poll(milliseconds: 0) else { break }
                take(message)
            }
        }
        advance(drained: drained)
        guard case .records = core.reading, !drained else {
            wait()
            advance(drained: drained)
            return report(consumer)
        }
        report(consumer)
    }

    /// Brings in answers, lets the core decide, and carries it out.
    private func advance(drained: Bool) {
        let now = Moment.now()
        for answer in store.takeAnswers() { take(answer, now) }
        for schemas in asker.takeAnswers() { core.refreshed(schemas, at: now) }
        for (inspection, verdict) in inspector.takeVerdicts() { core.inspected(inspection, verdict, at: now) }
        lookForStalls(now)
        updateStatus(now)
        publisher.work()
        tracer?.published(publisher.takeFinished(), at: now)
        core.publishBacklog = publisher.backlogBytes
        if let error = publisher.fatalError {
            core.fail(
                WeirError(
                    .unavailable, "publishing: \(error)", advice: "Results stay in weir.outbox until it works."))
        }
        core.tick(now, drained: drained, deleting: isDeleting ? [] : publisher.done)
        deletePublished(now)
        perform()
    }

    private func wait() {
        let before = WallClock.monotonic()
        var milliseconds: Int64 = core.isIdle ? 500 : 100
        if let due = core.commitDue { milliseconds = max(1, min(100, (due - before) / 1000)) }
        if !publisher.isIdle { milliseconds = min(milliseconds, 20) }
        waker.wait(milliseconds: Int32(milliseconds))
        let stood = WallClock.monotonic() - before
        if stood > Self.longestStandstill { core.stoodStill(stood) }
    }

    /// Twice within the time after which silence is suspicious.
    private func lookForStalls(_ now: Moment) {
        if let behind = probe.takeFindings() {
            isProbing = false
            core.stalled(behind, at: now)
        }
        guard !isProbing, now.monotonic - probedAt >= 15_000_000 else { return }
        probedAt = now.monotonic
        let silent = core.silentPartitions(at: now)
        guard !silent.isEmpty else { return }
        isProbing = true
        probe.look(silent)
    }

    private func take(_ message: borrowing KafkaMessage) {
        if message.isRecord { return core.take(message) }
        guard let error = message.error else { return }
        if error.isOffsetOutOfRange {
            core.outOfRange(TopicPartition(topic: message.topic, partition: message.partition), at: .now())
        } else if error.isFatal {
            core.fail(
                WeirError(
                    .unavailable, "the Kafka consumer cannot go on: \(error)",
                    advice: "Is another process running with the same group.instance.id?"))
        } else {
            logger.warning("Kafka consumer", metadata: ["error": "\(error)", "topic": "\(message.topic)"])
        }
    }

    private func take(_ answer: Store.Answer, _ now: Moment) {
        switch answer {
        case .claimed(let claims, let ticket): core.claimed(claims, ticket: ticket, at: now)
        case .claimFailed(let failure, let ticket): core.claimFailed(failure, ticket: ticket, at: now)
        case .restored(let partition): core.restored(partition, at: now)
        case .restoring(let id, let progress):
            restores[id] = progress
            say(id, progress, now)
        case .restoreFailed(let failure, let id, let epoch):
            core.restoreFailed(failure, id, epoch: epoch, at: now)
        case .written(let ticket, let windows, let outbox, let parked, let time):
            core.written(ticket: ticket, windows: windows, outbox: outbox, parked: parked, time: time, at: now)
        case .unparked(let rows, let result): core.unparked(rows, result, at: now)
        case .fenced(let ticket): core.fenced(ticket: ticket, at: now)
        case .pending(let ticket): core.pending(ticket: ticket, at: now)
        case .failed(let failure, let ticket): core.commitFailed(failure, ticket: ticket, at: now)
        case .deleted(let ids):
            isDeleting = false
            publisher.forget(ids)
        case .deleteFailed(let failure):
            isDeleting = false
            logger.warning(
                "published messages stay in the outbox and will be published again",
                metadata: ["error": "\(failure.message)"])
        }
        // Before the next answer: it may be about a batch that took this one's place.
        perform()
        // At once, not at the next look: nothing is committed of a partition before others know under which epoch.
        if case .claimed = answer { tellPartitions(now) }
    }

    private func perform() {
        while let command = core.nextCommand() {
            switch command {
            case .claim(let list, let ticket): store.send(.claim(list, ticket: ticket))
            case .restore(let order): store.send(.restore(order))
            case .write(let ticket):
                CrashPoint.reach(.afterDecode)
                tracer?.writes(core.slot.with { $0.trace })
                store.send(.write(ticket: ticket))
            case .look(let ticket): store.send(.look(ticket: ticket))
            case .assign(let list): attempt { try $0.assign(list) }
            case .pause(let list): attempt { try $0.pause(list) }
            case .resume(let list): attempt { try $0.resume(list) }
            case .unpause(let list): attempt { try $0.resume(list) }
            case .inspect(let inspection): inspector.inspect(inspection)
            case .finished(let windows, let outbox):
                for stored in outbox { publisher.add(stored, trace: tracer?.current) }
                publisher.work()
                finished(windows: windows)
            case .publish(let outbox): for stored in outbox { publisher.add(stored) }
            case .released(let list):
                publisher.drop(list)
                tracer?.drops()
            case .unpark(let rows): store.send(.unpark(rows))
            case .refreshSchemas(let names): asker.ask(names)
            case .say(let notice):
                let line = notice.line
                let trace = tracer?.metadata ?? [:]
                logger.log(level: line.level, line.words, metadata: line.metadata.merging(trace) { own, _ in own })
            }
        }
    }

    private func attempt(_ body: (KafkaConsumer) throws -> Void) {
        guard let consumer else { return }
        do {
            try body(consumer)
        } catch {
            core.refused("\(error)")
        }
    }

    // MARK: The group

    private func rebalance(_ event: Rebalance) {
        quietUntil = WallClock.monotonic() + 10_000_000
        var isAnswer = false
        switch event {
        case .assigned(let list):
            core.assigned(list, at: .now())
            isAnswer = true
        case .revoked(let list):
            CrashPoint.reach(.inRevoke)
            core.revoke(list, at: .now())
            while core.isSettling {
                advance(drained: true)
                if core.isSettling { wait() }
            }
            // The next owner would publish them, too, but at the end of the last worker there is none.
            if core.failure == nil, !core.mustRejoin { finishPublishing() }
            core.finishRevoke()
        case .lost(let list): core.lost(list, at: .now())
        }
        perform()
        hasJoined = true
        tellPartitions(.now(), isAnswer: isAnswer)
    }

    // MARK: Publishing

    /// Nothing came in for a while: still tell PostgreSQL what was published.
    private func deletePublished(_ now: Moment) {
        guard !publisher.done.isEmpty, !isDeleting, !core.isCommitting,
            now.monotonic - lastHousekeeping > 1_000_000
        else { return }
        lastHousekeeping = now.monotonic
        isDeleting = true
        store.send(.delete(publisher.done))
    }

    /// What is not acknowledged in time stays in the outbox for the next owner.
    private func finishPublishing() {
        let deadline = WallClock.monotonic() + Self.publishTime
        publisher.isLeaving = true
        defer { publisher.isLeaving = false }
        while !publisher.isIdle, WallClock.monotonic() < deadline {
            publisher.work()
            waker.wait(milliseconds: 10)
        }
        lastHousekeeping = 0
        while !publisher.done.isEmpty, WallClock.monotonic() < deadline {
            let now = Moment.now()
            deletePublished(now)
            waker.wait(milliseconds: 10)
            for answer in store.takeAnswers() { take(answer, now) }
        }
        tracer?.published(publisher.takeFinished(), at: .now())
    }

    // MARK: Telling others

    private func finished(windows: Int) {
        let now = Moment.now()
        lastHousekeeping = now.monotonic
        core.slot.with { batch in
            publisher.forget(batch.deleting)
            status.committed(batch, line: job.topology.objective.lag.microseconds, at: now.wall)
            tracer?.committed(batch, windows: windows, failed: core.failedCommits, at: now)
        }
        status.update {
            $0.windows += Int64(windows)
            $0.commitTime = core.commitTime
            $0.published = publisher.published
        }
        if now.monotonic - toldAt >= 100_000 { tellPartitions(now) }
    }

    private func say(_ id: TopicPartition, _ progress: RestoreProgress, _ now: Moment) {
        guard progress.elapsed > 2_000_000, now.monotonic - restoreSaidAt > 5_000_000 else { return }
        restoreSaidAt = now.monotonic
        logger.info(
            "reading a partition's keys back",
            metadata: [
                "partition": "\(id)", "keys": "\(progress.keys)", "of": "\(progress.of)",
                "eta_seconds": "\(progress.remaining.map { "\($0 / 1_000_000)" } ?? "unknown")",
            ])
    }

    /// Also while nothing is committed.
    private func updateStatus(_ now: Moment) {
        guard now.monotonic - statusAt >= 500_000 else { return }
        statusAt = now.monotonic
        restores = restores.filter { core.partitions[$0.key]?.phase == .restoring }
        tellPartitions(now)
        var outbox = WorkerSnapshot.Outbox()
        outbox.messages = publisher.backlogMessages
        outbox.bytes = publisher.backlogBytes
        outbox.since = publisher.oldestAddedAt.map { now.wall - (now.monotonic - $0) }
        status.update { status in
            status.beatAt = now.monotonic
            status.isMember = hasJoined && !core.isUnanswered
            status.stalls = core.stalls
            status.published = publisher.published
            status.failedCommits = core.failedCommits
            status.trouble = core.trouble(owner: owner)
            status.outbox = outbox
            status.delayedOrganisations = core.delayedOrganisations
            status.restoredKeys = restores.values.reduce(0) { $0 + $1.keys }
            status.keysToRestore = restores.values.reduce(0) { $0 + $1.of }
        }
    }

    private func tellPartitions(_ now: Moment, isAnswer: Bool = false) {
        toldAt = now.monotonic
        status.hold(core.holdings(owner: owner), at: now.wall, isAnswer: isAnswer)
    }

    /// Every few seconds: tells Kafka's lag tools where the group is.
    private func report(_ consumer: KafkaConsumer) {
        let now = WallClock.monotonic()
        guard now - lastReport > 5_000_000, now > quietUntil, !core.isUnanswered else { return }
        lastReport = now
        let offsets = core.partitions.values.compactMap { state in state.committed.map { (state.id, $0) } }
        if !offsets.isEmpty { consumer.reportOffsets(offsets) }
    }
}
