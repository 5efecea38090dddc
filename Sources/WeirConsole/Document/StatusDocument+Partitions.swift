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
        for partition in status.partitions {
            guard let held = partition.held else { continue }
            here.insert(Place(topic: partition.topic, partition: partition.partition))
            list.append(StatusDocument.Partition(partition, held, now))
        }
        for row in stored where !here.contains(Place(topic: row.topic, partition: row.partition)) {
            list.append(StatusDocument.Partition(row))
        }
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

    init(_ row: DatabaseAnswers.Partition) {
        self.init(
            topic: row.topic, partition: row.partition, here: false, state: nil, owner: Printable.text(row.owner),
            epoch: row.epoch, committed: row.committed, end: nil, behind: nil, oldestSeconds: nil, keys: nil,
            waitingForQuota: nil, waitingForSchema: nil)
    }
}
