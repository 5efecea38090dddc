// Topics, and a look into them as LogInspector takes it.

import WeirKafka
import WeirRuntime

final class SimBroker {
    let ids: [TopicPartition]
    private var logs: [TopicPartition: SimLog] = [:]
    private let shape: Shape

    init(shape: Shape) {
        self.shape = shape
        ids = zip(Shape.topics, shape.partitions).flatMap { topic, count in
            (0..<count).map { TopicPartition(topic: topic, partition: Int32($0)) }
        }.sorted()
        for id in ids { logs[id] = SimLog() }
    }

    func log(_ id: TopicPartition) -> SimLog { logs[id] ?? SimLog() }

    func append(_ record: SimRecord, in world: World) {
        let id = TopicPartition(topic: record.topic, partition: record.partition)
        // Out of the dictionary for the time of the change, or the log would be copied.
        guard var log = logs.removeValue(forKey: id) else { return world.violate("no partition \(id)") }
        log.append(record)
        world.log("\(id) \(log.end - 1): \(record.content.words)")
        if world.dice.chance(shape.holes) {
            world.note(.hole)
            for _ in 0..<world.dice.number(1...shape.longestHole) { log.appendHole() }
        }
        logs[id] = log
    }

    /// Retention takes the front of some partition, now and then to its end.
    func truncate(in world: World) {
        let id = world.dice.pick(ids)
        guard var log = logs.removeValue(forKey: id) else { return }
        let left = Int(log.end - log.first)
        log.truncate(before: log.first + Int64(world.dice.below(left + 1)))
        world.log("\(id) begins at \(log.first) now")
        logs[id] = log
        world.note(.truncated)
    }

    func look(_ inspection: Inspection, in world: World) -> GapVerdict {
        let log = log(inspection.id)
        if !world.isHealed, world.dice.chance(0.15) { return .unknown("no answer") }
        if inspection.from > log.end { return .lost("the log ends before", resumeAt: nil) }
        if log.first > inspection.from {
            return .lost("the log begins at \(log.first)", resumeAt: max(log.first, inspection.to ?? 0))
        }
        guard let to = inspection.to else { return .present }
        if !log.records(inspection.from..<to).isEmpty { return .present }
        return .explained(world.dice.pick([.markers, .aborted, .compaction]))
    }
}
