// One topology in this process at one moment: its workers, partition by partition, and what its servers say.

public import WeirCore

public struct TopologyStatus: Sendable {
    /// Sources, meters and outputs, as the process runs them.
    public let topology: Topology
    public let workers: [WorkerSnapshot]
    /// All that its workers have or had, each once, in order.
    public let partitions: [PartitionStatus]
    /// What PostgreSQL says; nil before its first answer.
    public let database: DatabaseView?
    /// Why PostgreSQL did not say it when it was asked last; nil if it did.
    public let databaseProblem: String?
    /// Of partitions that others have.
    public let endsElsewhere: [LogEnd]
    /// The objective as this process's own records keep it.
    public let budget: BudgetStatus
    /// What ended its workers, if something did.
    public let failure: String?
    /// What became of its messages to `outputs.lag`; nil if it has no such topic.
    public let lagReports: LagReportCounts?

    /// - Parameter series: of the topology's tally, since the process started.
    public init(
        topology: Topology, workers: [WorkerSnapshot], series: TallySeries, database: DatabaseView?,
        databaseProblem: String? = nil, endsElsewhere: [LogEnd] = [], failure: String?,
        lagReports: LagReportCounts? = nil
    ) {
        self.topology = topology
        self.workers = workers
        budget = BudgetStatus(topology.objective, series)
        self.database = database
        self.databaseProblem = databaseProblem
        self.endsElsewhere = endsElsewhere
        self.failure = failure
        self.lagReports = lagReports
        partitions = Self.merge(workers, claims: database?.claims ?? [])
    }

    /// A partition that went from one worker of the process to another is counted by both, and held by one.
    private static func merge(_ workers: [WorkerSnapshot], claims: [DatabaseView.Claim]) -> [PartitionStatus] {
        var all: [String: [Int32: PartitionStatus]] = [:]
        for status in workers.flatMap(\.partitions) {
            guard let known = all[status.topic]?[status.partition] else {
                all[status.topic, default: [:]][status.partition] = status
                continue
            }
            let isNewer = status.knowsLater(than: known)
            var holder = isNewer ? status : known
            let other = isNewer ? known : status
            holder.counts.add(other.counts)
            holder.lag.add(other.lag)
            holder.inherit(other)
            holder.knownSince = min(known.knownSince, status.knownSince)
            all[status.topic]?[status.partition] = holder
        }
        for claim in claims { all[claim.topic]?[claim.partition]?.note(claim) }
        return all.values.flatMap(\.values).sorted { ($0.topic, $0.partition) < ($1.topic, $1.partition) }
    }

    public var name: String { topology.name }
    public var version: Int { topology.version }
    public var group: String { topology.group }
    public var objective: Objective { topology.objective }

    public var tally: RecordTally {
        partitions.reduce(into: RecordTally()) { $0.add($1.lag.tally) }
    }

    /// Of workers, whatever PostgreSQL does not do for them now.
    public var troubles: [StoreTrouble] { workers.compactMap(\.trouble) }

    public var outbox: WorkerSnapshot.Outbox {
        workers.reduce(into: WorkerSnapshot.Outbox()) { $0.add($1.outbox) }
    }

    /// Of all that is held here, or was and is not known to be anybody's; nil if nothing is.
    public func oldestAge(at now: Int64) -> Int64? { partitions.compactMap { $0.oldestAge(at: now) }.max() }
}

/// Where the log of a partition ended when a broker was asked.
public struct LogEnd: Sendable, Equatable {
    public var topic: String
    public var partition: Int32
    /// The offset after the last record.
    public var end: Int64
    /// Microseconds since 1970.
    public var askedAt: Int64

    public init(topic: String, partition: Int32, end: Int64, askedAt: Int64) {
        self.topic = topic
        self.partition = partition
        self.end = end
        self.askedAt = askedAt
    }
}

/// What PostgreSQL says of itself and of a topology, whoever's partitions they are. Times are microseconds since 1970.
public struct DatabaseView: Sendable, Equatable {
    /// Size of the database.
    public var bytes: Int64
    /// Messages in weir.outbox, and when the oldest of them was committed.
    public var outboxMessages: Int64
    public var outboxSince: Int64?
    /// Bytes of write-ahead log that each replication slot keeps from being removed.
    public var slots: [Slot]
    /// Of the topology's partitions, who claimed each of them last.
    public var claims: [Claim]
    public var askedAt: Int64

    public struct Claim: Sendable, Equatable {
        public var topic: String
        public var partition: Int32
        public var epoch: Int64
        /// Host, process and worker.
        public var owner: String

        public init(topic: String, partition: Int32, epoch: Int64, owner: String) {
            self.topic = topic
            self.partition = partition
            self.epoch = epoch
            self.owner = owner
        }
    }

    public struct Slot: Sendable, Equatable {
        public var name: String
        public var retainedBytes: Int64
        public var isActive: Bool

        public init(name: String, retainedBytes: Int64, isActive: Bool) {
            self.name = name
            self.retainedBytes = retainedBytes
            self.isActive = isActive
        }
    }

    public init(
        bytes: Int64, outboxMessages: Int64, outboxSince: Int64?, slots: [Slot], claims: [Claim] = [], askedAt: Int64
    ) {
        self.bytes = bytes
        self.outboxMessages = outboxMessages
        self.outboxSince = outboxSince
        self.slots = slots
        self.claims = claims
        self.askedAt = askedAt
    }
}
