// A worker: one thread with one consumer, one PostgreSQL connection and the partitions the group gave it.

internal import Histogram
public import Logging
internal import WeirCore
internal import WeirKafka
internal import WeirPostgres

/// Polls, decodes into the open batch, and commits a batch whenever the one before is in.
///
/// A batch is whatever has arrived since the last commit began, up to the limits: idle, it is one
/// record; busy, it is thousands. Nothing in the loop waits for PostgreSQL but taking over and giving
/// up partitions.
public final class Worker {
    let job: Job
    let owner: String
    let logger: Logger
    let status: WorkerStatus
    private let stopping: @Sendable () -> Bool
    let waker = Waker()
    var consumer: KafkaConsumer?

    let committer: Committer
    let publisher: Publisher
    private let readers: [RecordReader]
    var open: OpenBatch
    /// Members of unique meters that are stored or on their way. A cache: PostgreSQL decides.
    var knownMembers = KeyIndex()

    var partitions: [TopicPartition: PartitionState] = [:]
    private var lastTopic = 0
    private var lastPartition: Int32 = -1
    private var lastState: PartitionState?

    /// Given by the group, not taken over yet. The group waits for the answer, so there must be one.
    var wanted: [TopicPartition] = []
    var takeOverAttempt = 0
    var takeOverAt: Int64 = 0
    /// What is held is not to be trusted any more: close the consumer and join anew with another.
    var mustRejoin = false
    /// No offsets are reported to Kafka before this: in librdkafka 2.0.2 a commit in the middle of a
    /// rebalance can cost the assignment.
    var quietUntil: Int64 = 0
    /// The time of day, read once for every so many records.
    private var now: Int64 = 0
    var paused: [TopicPartition] = []
    var fullSince: Int64?
    private var lastReport: Int64 = 0
    private var lastHousekeeping: Int64 = 0

    /// Longest a batch stays open while records keep coming, in microseconds.
    static let longestOpen: Int64 = 200_000
    /// While full for longer than this the consumer is paused and polled, so that the group keeps the member.
    static let pauseAfter: Int64 = 2_000_000
    /// A wait of a tenth of a second that took this long: the process was stopped or the machine slept.
    static let longestStandstill: Int64 = 5_000_000
    /// Bytes waiting to be published at the most before commits wait.
    static let longestBacklog = 64 << 20
    /// Members cached before the cache starts anew.
    static let mostKnownMembers = 2_000_000
    /// Time for the last commits when partitions or the process go away.
    static let settleTime: Int64 = 10_000_000

    public init(
        job: Job, number: Int, status: WorkerStatus, logger: Logger, stopping: @escaping @Sendable () -> Bool
    ) throws {
        self.job = job
        self.status = status
        self.stopping = stopping
        owner = "\(job.owner)/\(number)"
        var logger = logger
        logger[metadataKey: "topology"] = "\(job.topology.name)"
        logger[metadataKey: "worker"] = "\(number)"
        self.logger = logger

        let session = try DatabaseSession(job)
        let secret = try session.secret()
        committer = Committer(job: job, session: session, secret: secret, logger: logger)
        open = OpenBatch(secret: secret, table: job.topology.outputs.table)
        readers = job.sources.map {
            RecordReader(plan: $0, schemas: job.schemas, recordBytes: job.topology.limits.recordBytes)
        }
        publisher = Publisher(
            producer: try KafkaProducer(job.producerSettings, waker: waker, log: KafkaLog.forwarding(to: logger)),
            revisions: job.topology.outputs.topic, logger: logger)
    }

    /// Works until told to stop, then commits what it has, leaves the group and publishes what is left.
    ///
    /// - Throws: `WeirError` when it cannot go on: a bug, a gap in the log, a statement that PostgreSQL
    ///   refuses. Nothing is committed then that is not done.
    public func run() throws {
        do {
            while !stopping() {
                if mustRejoin || consumer == nil { try join() }
                if let consumer { try step(consumer) }
            }
        } catch {
            // Whatever is open is not to be committed.
            failure = error
        }
        leave()
        if let failure { throw failure }
        finishPublishing()
    }

    /// Becomes a member of the group, after leaving it if it is one.
    private func join() throws {
        leave()
        dropEverything()
        mustRejoin = false
        let new = try KafkaConsumer(
            job.consumerSettings, waker: waker, log: KafkaLog.forwarding(to: logger)
        ) { [unowned self] in rebalance($0) }
        consumer = new
        try new.subscribe(job.topology.sources.map(\.topic))
    }

    /// Closes the consumer. Unless something failed, what is open is committed first, by the last rebalance.
    private func leave() {
        guard let consumer else { return }
        if !wanted.isEmpty {
            // Closing waits for the answer to an assignment.
            wanted = []
            try? consumer.assign([])
        }
        consumer.close()
        self.consumer = nil
    }

    /// Set when a failure happens inside a rebalance, where it cannot be thrown.
    var failure: (any Error)?

    private func step(_ consumer: KafkaConsumer) throws {
        if let failure { throw failure }
        if let error = publisher.fatalError {
            throw WeirError(.unavailable, "publishing: \(error)", advice: "Results stay in weir.outbox until it works.")
        }
        if !wanted.isEmpty, paused.isEmpty, WallClock.monotonic() >= takeOverAt { try takeOver(consumer) }

        var drained = true
        if isFull {
            drained = false
            try serveWhileFull(consumer)
        } else {
            try resumeIfPaused(consumer)
            now = WallClock.now()
            // Often enough to look at the commit, seldom enough for its system call not to count.
            for _ in 0..<1024 {
                guard let message = consumer.poll(milliseconds: 0) else { break }
                try take(message)
                if isFull { break }
                drained = false
            }
        }
        publisher.work()
        try advance(drained: drained)
        if drained || isFull { wait() }
        report(consumer)
    }

    func wait() {
        let busy = committer.phase != .idle
        var milliseconds: Int32 = 100
        if case .retry(let at) = committer.phase {
            milliseconds = Int32(max(1, min(100, (at - WallClock.monotonic()) / 1000)))
        }
        let before = WallClock.monotonic()
        waker.wait(
            other: busy ? committer.socket : nil, forWriting: committer.unsent, milliseconds: milliseconds)
        let stood = WallClock.monotonic() - before
        if stood > Self.longestStandstill {
            logger.warning(
                "stood still; another worker may own the partitions by now, joining anew",
                metadata: ["seconds": "\(stood / 1_000_000)"])
            mustRejoin = true
        }
    }

    // MARK: Back-pressure

    private var isFull: Bool {
        open.records >= job.topology.limits.batchRecords || open.bytes >= job.topology.limits.batchBytes
    }

    /// Short: nothing is polled, librdkafka's own bounded queue holds the rest. Long: the consumer is
    /// paused and polled, which keeps the member in its group.
    private func serveWhileFull(_ consumer: KafkaConsumer) throws {
        let now = WallClock.monotonic()
        guard let since = fullSince else {
            fullSince = now
            return
        }
        guard now - since > Self.pauseAfter else { return }
        if paused.isEmpty {
            logger.warning("PostgreSQL is slower than the input; paused", metadata: ["records": "\(open.records)"])
            paused = Array(partitions.keys)
            rejoinOnError { try consumer.pause(paused) }
        }
        self.now = WallClock.now()
        // Nothing but events comes now; a record that still does stays within bounds.
        for _ in 0..<1024 {
            guard let message = consumer.poll(milliseconds: 0) else { break }
            try take(message)
        }
    }

    private func resumeIfPaused(_ consumer: KafkaConsumer) throws {
        fullSince = nil
        guard !paused.isEmpty else { return }
        rejoinOnError { try consumer.resume(paused) }
        paused = []
        logger.info("resumed")
    }

    /// A call that librdkafka refuses means that the two of us see the group differently: start afresh.
    func rejoinOnError(_ body: () throws -> Void) {
        do {
            try body()
        } catch {
            logger.warning("the consumer refuses; joining anew", metadata: ["error": "\(error)"])
            mustRejoin = true
        }
    }

    // MARK: Records

    @inline(__always)
    private func state(of message: borrowing KafkaMessage) -> PartitionState? {
        if message.topicIdentity == lastTopic, message.partition == lastPartition { return lastState }
        lastTopic = message.topicIdentity
        lastPartition = message.partition
        lastState = partitions[TopicPartition(topic: message.topic, partition: message.partition)]
        return lastState
    }

    func forgetLastState() {
        lastTopic = 0
        lastPartition = -1
        lastState = nil
    }

    private func take(_ message: borrowing KafkaMessage) throws {
        guard message.isRecord else { return try take(error: message) }
        guard let state = state(of: message) else { return }
        let offset = message.offset
        if let next = state.next {
            // Behind: fetched before a seek, counted already.
            if offset < next { return }
            if offset > next { note(gap: state, from: next, to: offset) }
        }
        state.next = offset + 1
        let slot = open.slot(of: state, firstOffset: offset)
        let timestamp = message.timestamp
        let payload = message.payload
        open.note(timestamp: timestamp, bytes: payload.byteCount)
        let reader = readers[state.source]
        guard message.hasKey else {
            return bury(message, state, slot, .nullKey, "no Kafka key, which decides the partition", schemaID: nil)
        }
        let key = message.key
        let now = now
        do {
            let outcome = try reader.read(payload, offset: offset) { record in
                open.withProgress(slot) { progress, meters in
                    meters.apply(
                        record, plan: reader.plan, slot: slot, messageKey: key, now: now,
                        bucket: state.buckets.tag(at: now), seen: &state.seen, known: &knownMembers,
                        progress: &progress)
                }
            }
            switch outcome {
            case .counted(let late):
                open.withProgress(slot) { progress, _ in
                    progress.counted &+= 1
                    if late { progress.late &+= 1 }
                    progress.nextOffset = offset &+ 1
                }
            case .duplicate:
                open.withProgress(slot) { progress, _ in
                    progress.duplicates &+= 1
                    progress.nextOffset = offset &+ 1
                }
            case .conflict: recordConflict(message, state, slot, reader)
            case .rejected(let rejection):
                let organisation = reader.words(of: payload, [reader.plan.organisation])[0]
                bury(
                    message, state, slot, rejection.reason, reader.describe(rejection),
                    schemaID: reader.lastSchemaID, organisation: organisation)
            }
        } catch {
            bury(message, state, slot, error.reason, error.message, schemaID: error.schemaID)
        }
    }

    @inline(never)
    private func take(error message: borrowing KafkaMessage) throws {
        guard let error = message.error else { return }
        if error.isOffsetOutOfRange {
            let id = TopicPartition(topic: message.topic, partition: message.partition)
            throw WeirError(
                .badData,
                """
                \(message.topic)/\(message.partition): the log does not hold offset \
                \(partitions[id]?.next.map(String.init) ?? "0"), which is next: \(error.message)
                """,
                advice: """
                    Either records were deleted before Weir read them, and the usage of \(job.topology.name) is \
                    incomplete; or the topic was made anew. Nothing was skipped and no offset has moved. \
                    docs/operations.md, "The next offset is gone", says how to go on.
                    """)
        }
        if error.isFatal {
            throw WeirError(
                .unavailable, "the Kafka consumer cannot go on: \(error)",
                advice: "Is another process running with the same group.instance.id?")
        }
        logger.warning("Kafka consumer", metadata: ["error": "\(error)", "topic": "\(message.topic)"])
    }

    @inline(never)
    private func note(gap state: PartitionState, from: Int64, to: Int64) {
        let slot = open.slot(of: state, firstOffset: from)
        open.withProgress(slot) { progress, _ in progress.skipped += to - from }
        open.gaps.append(Gap(source: state.id, from: from, to: to))
        // Every transaction leaves a marker: one line a minute says as much as ten a second.
        guard now - state.gapLoggedAt > 60_000_000 else { return }
        state.gapLoggedAt = now
        logger.warning(
            "the broker passed over offsets: transaction markers or compaction, otherwise loss; all are in weir.gap",
            metadata: ["partition": "\(state.id)", "from": "\(from)", "to": "\(to)"])
    }

    @inline(never)
    private func bury(
        _ message: borrowing KafkaMessage, _ state: PartitionState, _ slot: Int, _ reason: DeadLetterReason,
        _ words: String, schemaID: Int32?, organisation: String = ""
    ) {
        open.withProgress(slot) { progress, _ in
            progress.deadLetters += 1
            progress.nextOffset = message.offset + 1
        }
        open.deadLetters.append(
            DeadLetter(
                source: state.id, offset: message.offset, reason: reason, message: words,
                // PostgreSQL's text holds no zero byte.
                organisation: organisation.isEmpty || organisation.utf8.contains(0) ? nil : organisation,
                schemaID: schemaID, timestamp: message.timestamp, key: message.hasKey ? message.key.copy() : nil,
                payload: message.hasPayload ? message.payload.copy() : nil, headers: message.headers))
    }

    @inline(never)
    private func recordConflict(
        _ message: borrowing KafkaMessage, _ state: PartitionState, _ slot: Int, _ reader: RecordReader
    ) {
        let payload = message.payload
        let words = reader.words(of: payload, [reader.plan.organisation, reader.plan.idempotencyKey])
        open.withProgress(slot) { progress, _ in
            progress.conflicts += 1
            progress.nextOffset = message.offset + 1
        }
        open.conflicts.append(
            Conflict(
                source: state.id, offset: message.offset, organisation: words[0], idempotencyKey: words[1],
                payload: payload.copy()))
    }

    // MARK: Commits

    private func advance(drained: Bool) throws {
        switch try committer.work() {
        case .committed(let committed): finish(committed)
        case .fenced: abandonToNewOwner()
        case nil: break
        }
        guard committer.phase == .idle, !mustRejoin else { return }
        let now = WallClock.monotonic()
        if open.isEmpty {
            // Nothing came in: still tell PostgreSQL, now and then, what was published.
            guard !publisher.done.isEmpty, now - lastHousekeeping > 1_000_000 else { return }
        } else {
            guard drained || isFull || now - open.openedAt >= Self.longestOpen else { return }
            guard publisher.backlogBytes < Self.longestBacklog else { return }
        }
        lastHousekeeping = now
        try begin()
    }

    /// Hands the open batch to the committer.
    func begin() throws {
        for state in open.partitions { state.deleteExpired(at: WallClock.now()) }
        open.handOver()
        swap(&open, &committer.batch)
        try committer.begin(deleting: publisher.done)
    }

    func finish(_ committed: Committer.Committed) {
        let now = WallClock.now()
        publisher.forget(committer.deleting)
        for stored in committed.outbox { publisher.add(stored) }
        publisher.work()
        for (state, progress) in zip(committer.batch.partitions, committer.batch.progress) {
            state.committed = progress.nextOffset
            state.expireBefore = nil
            if state.unmergedRows >= PartitionState.mergeRows { state.unmergedRows = 0 }
            if !progress.newKeys.isEmpty { state.unmergedRows += 1 }
        }
        updateStatus(committed, now: now)
        committer.batch.removeAll()
        if knownMembers.count > Self.mostKnownMembers { knownMembers = KeyIndex() }
    }

    private func updateStatus(_ committed: Committer.Committed, now: Int64) {
        let progress = committer.batch.progress
        let keys = partitions.values.reduce(0) { $0 + Int64($1.seen.count) }
        status.update { status in
            for part in progress {
                status.counted += part.counted
                status.duplicates += part.duplicates
                status.conflicts += part.conflicts
                status.deadLetters += part.deadLetters
                status.late += part.late
            }
            status.windows += Int64(committed.windows)
            status.commits += 1
            status.published = publisher.published
            status.partitions = partitions.count
            status.rememberedKeys = keys
            for run in committer.batch.timestamps where run.milliseconds >= 0 {
                // A timestamp is whatever a producer wrote: it need not even fit microseconds.
                let lag = run.milliseconds > now / 1000 ? -1 : now - run.milliseconds * 1000
                if lag < 0 { status.negativeLag += Int64(run.count) }
                status.lag.record(UInt64(max(1, min(lag, 3_600_000_000))), count: run.count)
            }
        }
    }

    /// Every few seconds: tells Kafka's lag tools where the group is.
    private func report(_ consumer: KafkaConsumer) {
        let now = WallClock.monotonic()
        guard now - lastReport > 5_000_000, now > quietUntil, !partitions.isEmpty, wanted.isEmpty else { return }
        lastReport = now
        consumer.reportOffsets(
            partitions.values.compactMap { state in state.committed.map { (state.id, $0) } })
    }
}

extension RawSpan {
    /// The bytes as an array, for what has to outlive the message.
    func copy() -> [UInt8] { withUnsafeBytes { Array($0) } }
}
