// Partitions: those that are held here as the workers see them, the others as PostgreSQL has them.

internal import WeirAvro
internal import WeirCore
internal import WeirObserve

extension StatusDocument {
    /// Partitions that are listed at the most.
    private static let mostPartitions = 2000

    static func partitions(_ status: TopologyStatus, _ stored: [DatabaseAnswers.Partition], _ now: Int64) -> JSON {
        var list: [(topic: String, partition: Int32, json: JSON)] = []
        var here: Set<Place> = []
        for partition in status.partitions {
            guard let held = partition.held else { continue }
            here.insert(Place(topic: partition.topic, partition: partition.partition))
            list.append((partition.topic, partition.partition, self.partition(partition, held, now)))
        }
        for row in stored where !here.contains(Place(topic: row.topic, partition: row.partition)) {
            list.append((row.topic, row.partition, partition(row)))
        }
        list.sort { ($0.topic, $0.partition) < ($1.topic, $1.partition) }
        return .object([
            .init("count", JSON(list.count)), .init("list", .array(list.prefix(mostPartitions).map(\.json))),
        ])
    }

    private struct Place: Hashable {
        let topic: String
        let partition: Int32
    }

    private static func partition(
        _ partition: PartitionStatus, _ held: PartitionStatus.Holding, _ now: Int64
    ) -> JSON {
        .object([
            .init("topic", .string(partition.topic)), .init("partition", JSON(partition.partition)),
            .init("here", .boolean(true)), .init("state", .string(held.phase.rawValue)),
            .init("owner", .string(Printable.text(held.owner))), .init("epoch", JSON(held.epoch)),
            .init("committed", JSON(held.committed)), .init("end", JSON(partition.log?.end)),
            .init("behind", JSON(partition.offsetLag)),
            .init("oldest_seconds", .seconds(partition.oldestAge(at: now))), .init("keys", JSON(held.keys)),
            .init("waiting_for_quota", JSON(held.waiting.quota)),
            .init("waiting_for_schema", JSON(held.waiting.schema)),
        ])
    }

    private static func partition(_ row: DatabaseAnswers.Partition) -> JSON {
        .object([
            .init("topic", .string(row.topic)), .init("partition", JSON(row.partition)),
            .init("here", .boolean(false)), .init("state", .null), .init("owner", .string(Printable.text(row.owner))),
            .init("epoch", JSON(row.epoch)), .init("committed", JSON(row.committed)), .init("end", .null),
            .init("behind", .null), .init("oldest_seconds", .null), .init("keys", .null),
            .init("waiting_for_quota", .null), .init("waiting_for_schema", .null),
        ])
    }
}
