// Partitions: those that are held here as the workers see them, the others as PostgreSQL has them.

internal import WeirCore
internal import WeirObserve

extension StatusDocument {
    package struct PartitionsPart: Codable, Equatable, Sendable {
        package let count: Int
        /// By topic and number; the first `mostPartitions` of them.
        package let list: [Partition]
    }

    package struct Partition: Codable, Equatable, Sendable {
        package let topic: String
        package let partition: Int32
        /// Held by this process; of others only what PostgreSQL and the log say is known.
        package let here: Bool
        /// A phase of the worker's, or `failing`: PostgreSQL does not take what it commits.
        @OrNull package private(set) var state: String?
        package let owner: String
        /// Null while it is being claimed.
        @OrNull package private(set) var epoch: Int64?
        @OrNull package private(set) var committed: Int64?
        /// Of another process's: time since its last commit.
        @OrNull package private(set) var committedSeconds: Double?
        /// Of another process's: time for which records have come and its offset stands; null if that is not so, or not
        /// known.
        @OrNull package private(set) var standsSeconds: Double?
        /// Offset after the log's last record.
        @OrNull package private(set) var end: Int64?
        @OrNull package private(set) var behind: Int64?
        @OrNull package private(set) var oldestSeconds: Double?
        /// Idempotency keys in memory; they, and what waits, are not known before they are read back.
        @OrNull package private(set) var keys: Int?
        @OrNull package private(set) var waitingForQuota: Int?
        @OrNull package private(set) var waitingForSchema: Int?

        enum CodingKeys: String, CodingKey {
            case topic, partition, here, state, owner, epoch, committed, end, behind, keys
            case oldestSeconds = "oldest_seconds"
            case committedSeconds = "committed_seconds"
            case standsSeconds = "stands_seconds"
            case waitingForQuota = "waiting_for_quota"
            case waitingForSchema = "waiting_for_schema"
        }
    }

    /// Partitions that are listed at the most.
    static let mostPartitions = 2000
}

extension StatusDocument.PartitionsPart {
    private typealias Place = OtherPartitions.Place

    /// - Parameters:
    ///   - stored: of this process, too.
    ///   - others: whether they move.
    init(
        _ status: TopologyStatus, _ stored: DatabaseAnswer<[DatabaseAnswers.Partition]>, _ others: OtherPartitions,
        _ now: Int64
    ) {
        let failing = Set(status.troubles.map(\.owner))
        let ends = Dictionary(status.endsElsewhere.map { (Place($0.topic, $0.partition), $0.end) }) { $1 }
        var list: [StatusDocument.Partition] = []
        var here: Set<Place> = []
        var orphans: [Place: PartitionStatus] = [:]
        for partition in status.partitions {
            guard let held = partition.held else {
                guard partition.orphanOf != nil else { continue }
                orphans[Place(partition.topic, partition.partition)] = partition
                continue
            }
            here.insert(Place(partition.topic, partition.partition))
            list.append(
                StatusDocument.Partition(partition, held, isFailing: failing.contains(held.owner), now))
        }
        for row in stored.value ?? [] where !here.contains(Place(row.topic, row.partition)) {
            let place = Place(row.topic, row.partition)
            let orphan = orphans.removeValue(forKey: place)
            let idle = stored.at.flatMap { at in row.idle.map { $0 + now - at } }
            list.append(
                StatusDocument.Partition(
                    row, end: ends[place], idle: idle, stands: orphan == nil ? others.stands(place) : nil,
                    oldest: orphan?.oldestAge(at: now)))
        }
        // PostgreSQL has not told of them: nobody looked, or it is away.
        for orphan in orphans.values { list.append(StatusDocument.Partition(orphan, now)) }
        list.sort { ($0.topic, $0.partition) < ($1.topic, $1.partition) }
        self.init(count: list.count, list: Array(list.prefix(StatusDocument.mostPartitions)))
    }
}

extension StatusDocument.Partition {
    init(_ partition: PartitionStatus, _ held: PartitionStatus.Holding, isFailing: Bool, _ now: Int64) {
        let isKnown = !held.phase.isTakingOver
        // What it reads goes nowhere: other phases say what is wrong themselves.
        let isInVain = isFailing && (held.phase == .running || held.phase == .paused)
        self.init(
            topic: partition.topic, partition: partition.partition, here: true,
            state: isInVain ? "failing" : held.phase.rawValue,
            owner: Printable.text(held.owner), epoch: held.phase == .claiming ? nil : held.epoch,
            committed: held.committed, committedSeconds: nil, standsSeconds: nil, end: partition.log?.end,
            behind: partition.offsetLag, oldestSeconds: partition.oldestAge(at: now).map(Double.seconds),
            keys: isKnown ? held.keys : nil,
            waitingForQuota: isKnown ? held.waiting.quota : nil, waitingForSchema: isKnown ? held.waiting.schema : nil)
    }

    /// One that was let go here, and is not known to be anybody's.
    init(_ orphan: PartitionStatus, _ now: Int64) {
        self.init(
            topic: orphan.topic, partition: orphan.partition, here: false, state: nil,
            owner: Printable.text(orphan.orphanOf ?? ""), epoch: nil, committed: nil, committedSeconds: nil,
            standsSeconds: nil, end: nil, behind: nil, oldestSeconds: orphan.oldestAge(at: now).map(Double.seconds),
            keys: nil, waitingForQuota: nil,
            waitingForSchema: nil)
    }

    /// One that another process has, or that nobody is known to have. Times are microseconds.
    ///
    /// - Parameters:
    ///   - end: the offset after the log's last record, if a broker said so. It was asked before PostgreSQL or after.
    ///   - idle: since its last commit.
    ///   - stands: see `OtherPartitions.stands`.
    ///   - oldest: age of its oldest record, if this process let it go and nobody is known to have it; others tell their
    ///     own.
    init(_ row: DatabaseAnswers.Partition, end: Int64?, idle: Int64?, stands: Int64?, oldest: Int64?) {
        let behind = end.flatMap { end in row.committed.map { max(0, end - $0) } }
        self.init(
            topic: row.topic, partition: row.partition, here: false, state: nil, owner: Printable.text(row.owner),
            epoch: row.epoch, committed: row.committed, committedSeconds: idle.map(Double.seconds),
            standsSeconds: stands.map(Double.seconds), end: end, behind: behind,
            oldestSeconds: oldest.map(Double.seconds), keys: nil, waitingForQuota: nil, waitingForSchema: nil)
    }
}
