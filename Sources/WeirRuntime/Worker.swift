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
    private let waker = Waker()
    private var consumer: KafkaConsumer?

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
    private var takeOverAttempt = 0
    private var takeOverAt: Int64 = 0
    /// What is held is not to be trusted any more: close the consumer and join anew with another.
    private var mustRejoin = false
    /// No offsets are reported to Kafka before this: in librdkafka 2.0.2 a commit in the middle of a
    /// rebalance can cost the assignment.
    private var quietUntil: Int64 = 0
    /// The time of day, read once for every so many records.
    private var now: Int64 = 0
    private var paused: [TopicPartition] = []
    private var fullSince: Int64?
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

    private func wait() {
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
    private func rejoinOnError(_ body: () throws -> Void) {
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

    private func forgetLastState() {
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
        logger.warning(
            "the broker passed over offsets: transaction markers or compaction, otherwise loss",
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

    // MARK: Assignment

    private func takeOver(_ consumer: KafkaConsumer) throws {
        // Its session is the committer's: first let the commit under way finish.
        guard committer.phase == .idle else { return }
        do {
            let session = try committer.openSession()
            let assignment = try Assignment.take(wanted, job: job, owner: owner, session: session)
            rejoinOnError {
                try consumer.assign(
                    assignment.partitions.map { ($0.id, $0.committed.map { .at($0) } ?? .earliest) })
            }
            for state in assignment.partitions { partitions[state.id] = state }
            for stored in assignment.outbox { publisher.add(stored) }
            forgetLastState()
            wanted = []
            takeOverAttempt = 0
            logger.info(
                "took over partitions",
                metadata: [
                    "partitions":
                        "\(assignment.partitions.map(\.id).sorted().map(\.description).joined(separator: " "))",
                    "restored_keys": "\(assignment.restoredKeys)", "unpublished": "\(assignment.outbox.count)",
                ])
            status.update { $0.partitions = partitions.count }
        } catch let error as PostgresError {
            committer.dropSession()
            if error.isPermanent {
                throw WeirError(.bug, "taking over partitions of \(job.topology.name): \(error)")
            }
            let delay = Backoff.delay(attempt: takeOverAttempt)
            takeOverAttempt += 1
            takeOverAt = WallClock.monotonic() + delay
            logger.warning("taking over partitions failed, will be tried again", metadata: ["error": "\(error)"])
        }
    }

    private func rebalance(_ event: Rebalance) {
        forgetLastState()
        quietUntil = WallClock.monotonic() + 10_000_000
        switch event {
        case .assigned(let list):
            wanted += list
            takeOverAt = 0
            // Also nothing is an assignment, and waits for its answer.
            if wanted.isEmpty, let consumer { rejoinOnError { try consumer.assign([]) } }
        case .revoked(let list):
            wanted.removeAll { list.contains($0) }
            if failure == nil, !mustRejoin {
                settle()
                // The next owner would publish them, too, but at the end of the last worker there is none.
                finishPublishing()
            } else {
                dropEverything()
            }
            // A pause outlives the assignment inside librdkafka.
            let resuming = paused.filter { list.contains($0) }
            if !resuming.isEmpty, let consumer { rejoinOnError { try consumer.resume(resuming) } }
            paused.removeAll { list.contains($0) }
            release(list)
        case .lost(let list):
            logger.warning("lost partitions: the group stopped hearing from this worker")
            wanted.removeAll { list.contains($0) }
            // Other partitions' share of the batch is lost with it: read it again.
            dropEverything()
            mustRejoin = true
            release(list)
        }
    }

    private func release(_ list: [TopicPartition]) {
        for id in list { partitions[id] = nil }
        publisher.drop(list)
        status.update { $0.partitions = partitions.count }
        if !list.isEmpty {
            logger.info(
                "gave up partitions",
                metadata: ["partitions": "\(list.sorted().map(\.description).joined(separator: " "))"])
        }
    }

    /// Commits all that was read, before partitions go. Runs inside a rebalance, so it has a deadline;
    /// what does not make it is read again by the next owner.
    private func settle() {
        let deadline = WallClock.monotonic() + Self.settleTime
        do {
            while committer.phase != .idle || !open.isEmpty {
                guard WallClock.monotonic() < deadline else {
                    logger.warning("the last batch was not committed in time; it will be read again")
                    dropEverything()
                    mustRejoin = true
                    return
                }
                switch try committer.work() {
                case .committed(let committed): finish(committed)
                case .fenced:
                    abandonToNewOwner()
                    return
                case nil: break
                }
                if committer.phase == .idle, !open.isEmpty { try begin() } else if committer.phase != .idle { wait() }
                publisher.work()
            }
        } catch {
            dropEverything()
            failure = error
        }
    }

    private func abandonToNewOwner() {
        logger.warning("another worker owns a partition of this batch: nothing was written, joining anew")
        dropEverything()
        mustRejoin = true
    }

    /// Forgets all state of all partitions; what was not committed will be read again by somebody.
    private func dropEverything() {
        committer.abandon()
        publisher.drop(Array(partitions.keys))
        open.removeAll()
        partitions.removeAll()
        knownMembers = KeyIndex()
        forgetLastState()
        paused = []
        fullSince = nil
    }

    /// What is not acknowledged in time stays in the outbox for the next owner.
    private func finishPublishing() {
        let deadline = WallClock.monotonic() + Self.settleTime
        publisher.isLeaving = true
        defer { publisher.isLeaving = false }
        while !publisher.isIdle, WallClock.monotonic() < deadline {
            publisher.work()
            waker.wait(other: nil, milliseconds: 10)
        }
        guard !publisher.done.isEmpty, let session = committer.idleSession else { return }
        var parameters = Parameters()
        parameters.addArray(.int8, of: publisher.done) { $1.put($0) }
        do {
            try session.connection.query(Statement.deleteOutbox.sql(table: ""), parameters)
            publisher.forget(publisher.done)
        } catch {
            logger.warning(
                "published messages stay in the outbox and will be published again", metadata: ["error": "\(error)"])
        }
    }
}

extension RawSpan {
    /// The bytes as an array, for what has to outlive the message.
    func copy() -> [UInt8] { withUnsafeBytes { Array($0) } }
}
