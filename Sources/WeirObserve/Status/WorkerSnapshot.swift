// One worker at one moment.

/// What all who tell about a worker start from: metrics, health, console, the line of `--report-every`.
public struct WorkerSnapshot: Sendable {
    /// All partitions that the worker has or had since the process started.
    public var partitions: [PartitionStatus] = []
    /// Usage rows written.
    public var windows: Int64 = 0
    public var commits: Int64 = 0
    /// Microseconds that they took, from leaving for PostgreSQL to its answer.
    public var commitTime: Int64 = 0
    /// Times that a commit failed and was tried again.
    public var failedCommits: Int64 = 0
    /// What PostgreSQL does not do for it now; nil if nothing is known to be wrong.
    public var trouble: StoreTrouble?
    public var published: Int64 = 0
    /// Records whose timestamp lies after their commit: a producer's clock is ahead.
    public var negativeLag: Int64 = 0
    /// Times that the worker found itself stalled and joined its group anew.
    public var stalls = 0
    /// Committed and not known to be published.
    public var outbox = Outbox()
    /// Keys read back of partitions being restored, and how many there are.
    public var restoredKeys = 0
    public var keysToRestore = 0
    /// Organisations of which records wait for their quota, of every source.
    public var delayedOrganisations = 0
    /// The group has said what is the worker's, be it nothing, and all of that is claimed.
    public var isMember = false
    /// When the worker's thread last went round, on the monotonic clock, in microseconds; 0 before it began.
    public var beatAt: Int64 = 0

    public init() {}

    public struct Outbox: Sendable, Equatable {
        public var messages = 0
        public var bytes = 0
        /// When the oldest message was committed or, after a take-over, read back; microseconds since 1970.
        public var since: Int64?

        public init() {}

        public mutating func add(_ other: Outbox) {
            messages += other.messages
            bytes += other.bytes
            since = [since, other.since].compactMap { $0 }.min()
        }
    }

    public var held: [PartitionStatus] { partitions.filter { $0.held != nil } }

    public var counts: RecordCounts {
        partitions.reduce(into: RecordCounts()) { $0.add($1.counts) }
    }

    public func count(_ phase: PartitionPhase) -> Int { partitions.count { $0.held?.phase == phase } }

    /// Records in weir.parked.
    public var waiting: Int {
        partitions.reduce(0) { $0 + ($1.held.map { $0.waiting.quota + $0.waiting.schema } ?? 0) }
    }

    public var rememberedKeys: Int64 { partitions.reduce(0) { $0 + Int64($1.held?.keys ?? 0) } }
}
