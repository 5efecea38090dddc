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
        /// Held by this process; of others only owner, epoch and committed offset are known.
        package let here: Bool
        @OrNull package private(set) var state: String?
        package let owner: String
        /// Null while it is being claimed.
        @OrNull package private(set) var epoch: Int64?
        @OrNull package private(set) var committed: Int64?
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
            case waitingForQuota = "waiting_for_quota"
            case waitingForSchema = "waiting_for_schema"
        }
    }

    /// Partitions that are listed at the most.
    static let mostPartitions = 2000
}

extension StatusDocument.PartitionsPart {
    private struct Place: Hashable {
        let topic: String
        let partition: Int32
    }

    init(_ status: TopologyStatus, _ stored: [DatabaseAnswers.Partition], _ now: Int64) {
        var list: [StatusDocument.Partition] = []
        var here: Set<Place> = []
        var orphans: [Place: PartitionStatus] = [:]
        for partition in status.partitions {
            guard let held = partition.held else {
                guard partition.orphanOf != nil else { continue }
                orphans[Place(topic: partition.topic, partition: partition.partition)] = partition
                continue
            }
            here.insert(Place(topic: partition.topic, partition: partition.partition))
            list.append(StatusDocument.Partition(partition, held, now))
        }
        for row in stored where !here.contains(Place(topic: row.topic, partition: row.partition)) {
            let orphan = orphans.removeValue(forKey: Place(topic: row.topic, partition: row.partition))
            list.append(StatusDocument.Partition(row, oldest: orphan?.oldestAge(at: now)))
        }
        // PostgreSQL has not told of them: nobody looked, or it is away.
        for orphan in orphans.values { list.append(StatusDocument.Partition(orphan, now)) }
        list.sort { ($0.topic, $0.partition) < ($1.topic, $1.partition) }
        self.init(count: list.count, list: Array(list.prefix(StatusDocument.mostPartitions)))
    }
}

extension StatusDocument.Partition {
    init(_ partition: PartitionStatus, _ held: PartitionStatus.Holding, _ now: Int64) {
        let isKnown = !held.phase.isTakingOver
        self.init(
            topic: partition.topic, partition: partition.partition, here: true, state: held.phase.rawValue,
            owner: Printable.text(held.owner), epoch: held.phase == .claiming ? nil : held.epoch,
            committed: held.committed, end: partition.log?.end, behind: partition.offsetLag,
            oldestSeconds: partition.oldestAge(at: now).map(Double.seconds), keys: isKnown ? held.keys : nil,
            waitingForQuota: isKnown ? held.waiting.quota : nil, waitingForSchema: isKnown ? held.waiting.schema : nil)
    }

    /// One that was let go here, and is not known to be anybody's.
    init(_ orphan: PartitionStatus, _ now: Int64) {
        self.init(
            topic: orphan.topic, partition: orphan.partition, here: false, state: nil,
            owner: Printable.text(orphan.orphanOf ?? ""), epoch: nil, committed: nil, end: nil, behind: nil,
            oldestSeconds: orphan.oldestAge(at: now).map(Double.seconds), keys: nil, waitingForQuota: nil,
            waitingForSchema: nil)
    }

    /// - Parameter oldest: age of its oldest record, in microseconds, if this process let it go and nobody is known to
    ///   have it; others tell their own.
    init(_ row: DatabaseAnswers.Partition, oldest: Int64?) {
        self.init(
            topic: row.topic, partition: row.partition, here: false, state: nil, owner: Printable.text(row.owner),
            epoch: row.epoch, committed: row.committed, end: nil, behind: nil,
            oldestSeconds: oldest.map(Double.seconds), keys: nil, waitingForQuota: nil, waitingForSchema: nil)
    }
}
