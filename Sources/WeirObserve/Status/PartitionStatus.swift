// One partition as a worker sees it: what it did, where it stands, what waits.

/// What a partition is busy with.
public enum PartitionPhase: String, Sendable, CaseIterable {
    /// Its epoch is being raised.
    case claiming
    /// Its keys are being read back.
    case restoring
    case running
    /// It is not read for a while: the worker or the partition holds as much as it may.
    case paused
    /// It stands still until somebody knows the schema of its next record.
    case asking
    /// Its offsets do not follow each other; somebody is looking at the log.
    case inspecting
    /// Its log lost records. Nothing moves until an operator has decided.
    case stopped

    /// What is committed may not be known yet.
    public var isTakingOver: Bool { self == .claiming || self == .restoring }
}

/// Counts and lag stay when the partition goes to another worker, so that nothing is missing from their sums.
public struct PartitionStatus: Sendable {
    public let topic: String
    public let partition: Int32
    public var counts = RecordCounts()
    public var lag = LagTotals()
    /// When the process first had it, microseconds since 1970.
    public internal(set) var knownSince: Int64
    /// Nil if the worker does not have it now.
    public private(set) var held: Holding?
    /// What the broker said of its log last; nil if it was not asked, or has not answered yet.
    public var log: LogView?
    /// Whose commits the last counts and lag are: they may be told of after it went.
    private(set) var lastClaim: (owner: String, epoch: Int64)?
    private var letGo: LetGo?

    public init(topic: String, partition: Int32, knownSince: Int64) {
        self.topic = topic
        self.partition = partition
        self.knownSince = knownSince
    }

    /// How a worker let it go. Records that waited then wait still, until somebody is known to have it. Times are
    /// microseconds since 1970.
    private struct LetGo {
        let at: Int64
        /// Since when its oldest record had waited.
        let waitingSince: Int64
        let owner: String
        /// The one that the worker had claimed; nil if it had not come to that.
        let epoch: Int64?
        /// Others have it: another process, or another worker of this one.
        var isElsewhere = false
    }

    /// What a worker knows of a partition while it has it. Times are microseconds since 1970.
    public struct Holding: Sendable {
        public var phase: PartitionPhase
        /// Host, process and worker, as in weir.partition.
        public var owner: String
        public var epoch: Int64
        /// First offset that is not committed; nil before the first commit ever.
        public var committed: Int64?
        /// Kafka timestamp of the first record that was read and is not committed; nil if none is. One that lies
        /// ahead of the clock counts as now.
        public var oldestTaken: Int64?
        /// Its last commit, or when the worker got it: up to then it is known not to have stood still.
        public var movedAt: Int64
        /// Idempotency keys in memory.
        public var keys: Int
        /// What waits in weir.parked.
        public var waiting = Waiting()

        public init(
            phase: PartitionPhase, owner: String, epoch: Int64, committed: Int64?, oldestTaken: Int64?,
            movedAt: Int64, keys: Int
        ) {
            self.phase = phase
            self.owner = owner
            self.epoch = epoch
            self.committed = committed
            self.oldestTaken = oldestTaken
            self.movedAt = movedAt
            self.keys = keys
        }
    }

    /// Records of a partition in weir.parked.
    public struct Waiting: Sendable, Equatable {
        /// Over their organisation's quota.
        public var quota = 0
        /// Of a schema id that nobody knows.
        public var schema = 0
        /// When the oldest was put there, microseconds since 1970.
        public var since: Int64?

        public init() {}
    }

    /// A look at the log by a client of its own. Times are microseconds since 1970.
    public struct LogView: Sendable, Equatable {
        /// The offset that was committed when the broker was asked.
        public var committed: Int64?
        /// First offset that the log has; asked for only where nothing is committed yet.
        public var first: Int64?
        /// The offset after its last record.
        public var end: Int64
        public var askedAt: Int64
        /// When it was last seen that nothing is left to read.
        public var drainedAt: Int64?
        /// Kafka timestamp of the record at the committed offset, if it has been waiting for two looks.
        public var head: Int64?

        public init(
            committed: Int64?, first: Int64?, end: Int64, askedAt: Int64, drainedAt: Int64? = nil, head: Int64? = nil
        ) {
            self.committed = committed
            self.first = first
            self.end = end
            self.askedAt = askedAt
            self.drainedAt = drainedAt
            self.head = head
        }
    }
}

extension PartitionStatus {
    /// The worker has it, and this is how it stands.
    public mutating func hold(_ holding: Holding, at now: Int64) {
        // Somebody else had it meanwhile: what was known then says nothing.
        if held == nil, let letGo, letGo.isElsewhere, now - letGo.at > Self.memory { self.letGo = nil }
        if !holding.phase.isTakingOver { letGo = nil }
        if holding.phase != .claiming { lastClaim = (holding.owner, holding.epoch) }
        held = holding
    }

    /// The worker does not have it any more. Nobody may have it: of a worker that joins its group anew, the age goes on
    /// from what it was, until somebody claims the partition or is known to have it.
    public mutating func release(at now: Int64) {
        guard let held, let age = oldestAge(at: now) else { return }
        letGo = LetGo(
            at: now, waitingSince: now - age, owner: held.owner,
            epoch: held.phase == .claiming ? letGo?.epoch : held.epoch)
        self.held = nil
        log = nil
    }

    /// The group has given out its partitions anew, and not this one to the worker: it is for others to tell of it.
    public mutating func goElsewhere() {
        if held == nil { letGo?.isElsewhere = true }
    }

    /// PostgreSQL says who claimed it last. A worker that is cut off from its group learns so that another took over.
    mutating func note(_ claim: DatabaseView.Claim) {
        guard held == nil, let letGo, let epoch = letGo.epoch, claim.epoch > epoch, claim.owner != letGo.owner else {
            return
        }
        self.letGo?.isElsewhere = true
    }

    /// This worker took over what another one of the process had let go: records that waited there wait here.
    mutating func inherit(_ other: PartitionStatus) {
        guard let held, held.phase.isTakingOver, letGo == nil, let theirs = other.letGo,
            held.movedAt - theirs.at <= Self.memory
        else { return }
        letGo = theirs
    }

    /// Of two workers of a process: whether this one knows later of the partition.
    func knowsLater(than other: PartitionStatus) -> Bool {
        if (held == nil) != (other.held == nil) { return held != nil }
        return (letGo?.at ?? .min) > (other.letGo?.at ?? .min)
    }

    /// Who had it last, if nobody is known to have it now.
    public var orphanOf: String? {
        guard held == nil, let letGo, !letGo.isElsewhere else { return nil }
        return letGo.owner
    }

    private static let memory: Int64 = 60_000_000

    /// A partition of which nothing was heard for so long is not taken for an idle one any more.
    public static let patience: Int64 = 10_000_000

    /// Age of the oldest record that is not committed, in microseconds; 0 if there is none, nil if the partition is for
    /// others to tell of. One that was let go here and is not known to be anybody's is told of here.
    ///
    /// It rises whatever stands still: a record that was read ages, a record that was not read is found by the look at
    /// the log, and where nobody can look the age is the time since somebody last knew that all was well. It is made of
    /// moments, so it rises for a reader even if the worker's own thread has stopped.
    public func oldestAge(at now: Int64) -> Int64? {
        guard let held else { return orphanOf == nil ? nil : letGo.map { max(0, now - $0.waitingSince) } }
        if held.phase.isTakingOver, let letGo { return max(0, now - letGo.waitingSince) }
        if let taken = held.oldestTaken { return max(0, now - taken) }
        if let log, let head = log.head, log.committed == held.committed { return max(0, now - head) }
        let silence = now - max(held.movedAt, log?.drainedAt ?? .min)
        return silence > Self.patience ? silence : 0
    }

    /// Offsets from the committed one to the log's end; nil if either is not known, or if the log ends
    /// before: then it is another log than the one that was read. Markers of transactions count.
    public var offsetLag: Int64? {
        guard let held, let log, let from = held.committed ?? log.first else { return nil }
        if log.end >= from { return log.end - from }
        // Commits go on after the broker was asked.
        return log.committed == held.committed ? nil : 0
    }
}
