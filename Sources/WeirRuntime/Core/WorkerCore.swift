// Everything that a worker decides: which partitions it reads, what goes into a batch, when a batch is
// committed, what a failure means. Told of events and of the time, it answers with commands.

package import WeirAvro
package import WeirCore
package import WeirKafka

/// No I/O, no clock, no randomness but from a seed: `Worker` drives it with librdkafka and PostgreSQL, the
/// simulator (Tests/Simulation) with a broker and a database of its own and ten thousand schedules.
///
/// Invariants, whatever happens in whatever order:
/// - what was taken of a partition under an epoch is committed under that epoch or never;
/// - a batch begins where the last one of the partition handed over ends;
/// - one batch at a time is being committed, and those that are open hold no more than one may: that bounds what is held.
///
/// What every record touches is `@exclusivity(unchecked)`: the checks at run time were a fifth of the process's CPU.
/// It is sound here, because one thread drives the core, and what is called while one of them is being changed
/// (`MeterBatch`, `KeyIndex`, `DecodePlan`: values) knows nothing of the core and so cannot come back to it.
package final class WorkerCore {
    /// What the world has to do for the core, in order.
    package enum Command {
        /// Raise these partitions' epochs and read their rows.
        case claim([TopicPartition], ticket: Int)
        /// Read a partition's keys and unpublished messages back.
        case restore(RestoreOrder)
        /// Write the batch in `slot` in one transaction.
        case write(ticket: Int)
        /// Find out what became of the batch in `slot`, in a new session.
        case look(ticket: Int)
        /// Answer the group, and read from these offsets.
        case assign([(TopicPartition, StartOffset)])
        case pause([TopicPartition])
        /// Read paused partitions again, from these offsets.
        case resume([(TopicPartition, StartOffset)])
        /// These go away: take the pause off, which would outlive the assignment inside librdkafka.
        case unpause([TopicPartition])
        /// Find out whether the log holds offsets that did not come.
        case inspect(Inspection)
        /// The batch in `slot` is in: publish its messages, count it.
        case finished(windows: Int, outbox: [StoredMessages])
        /// Messages of a partition's last owner, still to be published.
        case publish([StoredMessages])
        /// Read rows of weir.parked, all of one partition and cause.
        case unpark([ParkedRow])
        /// Find out what these names of schemas mean.
        case refreshSchemas([WireSchema])
        /// These partitions went: their unpublished messages are somebody else's now.
        case released([TopicPartition])
        case say(Notice)
    }

    let topology: Topology
    let settings: WorkerSettings
    let readers: [RecordReader]
    var dice: Dice

    package internal(set) var partitions: [TopicPartition: PartitionState] = [:]
    /// Batches that are being filled. A partition has a place in one of them, or in none.
    let lanes: [Lane]
    var laneCount: LaneCount
    /// What they hold together.
    @exclusivity(unchecked) var openLoad = BackPressure.Load()
    /// Holds the batch that is being committed; whoever commits it has it for that time.
    package let slot: BatchSlot
    var commit: Commit?
    var limit: BatchLimit
    /// Members of unique meters that are stored, or in the batch that is being committed. A cache: PostgreSQL decides.
    @exclusivity(unchecked) var knownMembers = KeyIndex(minimumCapacity: 64)
    /// Numbers requests, so that late answers are known as such.
    var lastTicket = 0

    // Assignment
    /// Given by the group, which waits for an answer.
    var unanswered: Set<TopicPartition> = []
    var hasUnanswered = false
    var claim = ClaimState.none
    var claimAttempt = 0
    /// The group is answered by now, however many keys are still to be read.
    var answerBy: Int64 = .max
    var revoking: [TopicPartition] = []
    var settleBy: Int64 = .max

    // Reading
    @exclusivity(unchecked) var lastTopic = 0
    @exclusivity(unchecked) var lastPartition: Int32 = -1
    @exclusivity(unchecked) var lastState: PartitionState?
    var held: [TopicPartition: HeldRecord] = [:]
    var schemas: SchemaCatalog
    /// One for each source.
    let books: [QuotaBook]
    /// Topics whose log was seen to have holes by design.
    var holedTopics: Set<String> = []
    package internal(set) var fullSince: Int64?
    /// All partitions are paused because the worker has no room.
    var isAllPaused = false
    /// The time of day, told once for every so many records.
    @exclusivity(unchecked) package var now: Moment

    private var expiredAt: Int64 = 0

    // What waits in PostgreSQL
    var parked: [ParkedQueue.Key: ParkedQueue] = [:]
    var parkedLookedAt: Int64 = .min / 2
    var schemaWaits: [Int32: SchemaWait] = [:]

    // Asking for schemas
    var isRefreshing = false
    /// When they were asked for last, on the monotonic clock.
    var refreshedAt: Int64 = .min
    /// Of records that wait elsewhere than in a partition's backlog.
    var wantedSchemas: Set<WireSchema> = []
    /// Names that stood for nothing when they were asked for, and when that was, on the monotonic clock.
    var deniedSchemas: [WireSchema: Int64] = [:]
    /// Names are found nowhere to ask at: since when, and how often it was tried.
    package internal(set) var schemaOutage: SchemaOutage?
    var breaker: DeadLetterBreaker

    /// Records that wait in weir.parked.
    package var waitingRecords: Int { parked.values.reduce(0) { $0 + $1.entries.reduce(0) { $0 + $1.row.records } } }

    /// What is held is not to be trusted any more: close the consumer and join anew with another.
    package internal(set) var mustRejoin = false
    /// Set when the worker cannot go on at all.
    package internal(set) var failure: WeirError?
    /// Times that the worker found itself stalled.
    package internal(set) var stalls = 0
    /// Attempts to commit that failed and are made again.
    package internal(set) var failedCommits: Int64 = 0
    /// Microseconds from each batch's leaving for PostgreSQL to the answer that it is in.
    package internal(set) var commitTime: Int64 = 0
    /// See `trouble`.
    var failures: Failures?
    /// Somebody collects spans: headers of records are looked at, and batches get names.
    @exclusivity(unchecked) package var isTracing = false
    /// Until when looks at headers have used up their time, on the monotonic clock.
    @exclusivity(unchecked) var looksPaidUntil: Int64 = .min / 2
    /// Bytes waiting to be published: past the bound, commits wait.
    package var publishBacklog = 0

    private var commands: [Command] = []
    private var taken = 0

    package init(
        topology: Topology, sources: [SourcePlan], schemas: SchemaCatalog, secret: Hash128, settings: WorkerSettings,
        dice: Dice, now: Moment
    ) {
        self.topology = topology
        self.settings = settings
        self.dice = dice
        self.now = now
        readers = sources.map {
            RecordReader(plan: $0, schemas: schemas, recordBytes: topology.limits.recordBytes)
        }
        lanes = (0..<LaneCount.most).map { _ in .allocate(OpenBatch(secret: secret, table: topology.outputs.table)) }
        laneCount = LaneCount()
        slot = BatchSlot(OpenBatch(secret: secret, table: topology.outputs.table))
        limit = BatchLimit(most: topology.limits.batchRecords)
        self.schemas = schemas
        breaker = DeadLetterBreaker(topology.breaker)
        books = sources.map { _ in QuotaBook(topology.quotas) }
    }

    deinit { for lane in lanes { lane.destroy() } }

    // MARK: Commands

    func emit(_ command: Command) { commands.append(command) }

    func say(_ notice: Notice) { commands.append(.say(notice)) }

    /// The next thing to do, oldest first; nil when all is done.
    package func nextCommand() -> Command? {
        guard taken < commands.count else {
            commands.removeAll(keepingCapacity: true)
            taken = 0
            return nil
        }
        taken += 1
        return commands[taken - 1]
    }

    /// Something is decided and not carried out yet.
    var hasCommands: Bool { taken < commands.count }

    func newTicket() -> Int {
        lastTicket += 1
        return lastTicket
    }

    // MARK: Time

    /// Lets time pass: what is due is done.
    ///
    /// - Parameters:
    ///   - drained: nothing more was there to read.
    ///   - deleting: rows of weir.outbox that are published, to be deleted with the next batch.
    package func tick(_ now: Moment, drained: Bool, deleting: [Int64] = []) {
        self.now = now
        guard failure == nil else { return }
        retryClaim()
        answerIfReady()
        retryRestores()
        goOnWithCommit()
        if isSettling, now.monotonic >= settleBy {
            say(.settleTimedOut)
            abandon()
        }
        beginCommit(drained: drained || !revoking.isEmpty, deleting: deleting)
        goOnWithSchemas()
        workOffParked()
        askForSchemas()
        expireQuietPartitions()
        applyPressure()
    }

    /// Also partitions without new records forget what has run out.
    private func expireQuietPartitions() {
        guard now.monotonic - expiredAt >= 60_000_000 else { return }
        expiredAt = now.monotonic
        for state in partitions.values where state.phase == .running && state.slot < 0 {
            state.forgetExpired(at: now.wall)
        }
    }

    /// A call that librdkafka refuses means that the two of us see the group differently: start afresh.
    package func refused(_ words: String) {
        say(.consumerRefuses(words))
        abandon()
    }

    /// The process stood still for so long that somebody else may own the partitions by now.
    package func stoodStill(_ microseconds: Int64) {
        say(.stoodStill(seconds: microseconds / 1_000_000))
        mustRejoin = true
    }

    /// The consumer is closed; what it was given is given back.
    package func left() {
        dropEverything()
        mustRejoin = false
        unanswered = []
        hasUnanswered = false
        revoking = []
    }

    /// Stops all work: nothing that is not committed yet will be.
    package func fail(_ error: WeirError) {
        if failure == nil { failure = error }
        dropEverything()
    }

    /// Forgets everything and asks for a new consumer. What was not committed is read again, by somebody.
    func abandon() {
        dropEverything()
        mustRejoin = true
    }

    func dropEverything() {
        let ids = partitions.keys.sorted()
        commit = nil
        for lane in lanes { lane.pointee.removeAll() }
        openLoad = BackPressure.Load()
        for state in partitions.values { state.slot = -1 }
        partitions.removeAll()
        knownMembers = KeyIndex(minimumCapacity: 64)
        held = [:]
        parked = [:]
        schemaWaits = [:]
        wantedSchemas = []
        for index in books.indices { books[index].forgetBacklogs() }
        claim = .none
        claimAttempt = 0
        answerBy = .max
        fullSince = nil
        isAllPaused = false
        forgetLastState()
        if !ids.isEmpty { emit(.released(ids)) }
    }

    func forgetLastState() {
        lastTopic = 0
        lastPartition = -1
        lastState = nil
    }
}
