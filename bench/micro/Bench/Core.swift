// Records through a worker's core, without Kafka and without PostgreSQL.

import WeirCore
import WeirKafka
import WeirPostgres
import WeirRuntime

enum Core {
    /// A core that owns the workload's partitions, restored with no keys.
    private static func running(_ workload: Workload) throws -> WorkerCore {
        let topology = workload.job.topology
        let core = WorkerCore(
            topology: topology, sources: workload.job.sources, schemas: workload.job.catalog, secret: Workload.secret,
            settings: WorkerSettings(topology: topology), dice: Dice(seed: 1), now: Workload.now)
        let topic = topology.sources[0].topic
        core.assigned(
            (0..<Workload.partitions).map { TopicPartition(topic: topic, partition: $0) }, at: Workload.now)
        while let command = core.nextCommand() {
            switch command {
            case .claim(let ids, let ticket):
                core.claimed(
                    ids.map { Claim(id: $0, epoch: 1, nextOffset: 0, sequence: 0) }, ticket: ticket, at: Workload.now)
            case .restore(let order):
                core.restored(
                    RestoredPartition(
                        id: order.id, epoch: order.epoch,
                        buckets: RetentionBuckets(retention: order.retention, now: Workload.now.wall),
                        keys: KeyIndex(minimumCapacity: 64), rows: 0, outbox: []), at: Workload.now)
            default: break
            }
        }
        return core
    }

    /// All that a record costs until its batch is handed over: frame, decode, validate, dedupe, window, bookkeeping.
    static func take(_ count: Int) throws -> Benchmark.Pass {
        let workload = try Workload(records: count)
        let core = try running(workload)
        let time = measured { for record in workload.records { core.take(record) } }
        try handOver(core, workload)
        return Benchmark.Pass(records: count, time: time)
    }

    /// What a commit sends of windows and keys, for each row of billing.usage.
    static func packRows(_ count: Int) throws -> Benchmark.Pass {
        let workload = try Workload(records: count)
        let core = try running(workload)
        for record in workload.records { core.take(record) }
        try handOver(core, workload)
        var parameters = Parameters()
        var keys = 0
        let time = core.slot.with { batch in
            measured {
                CommitParameters.usage(
                    batch, Array(batch.meters.deltas.indices)[...], members: [:], of: workload.job, into: &parameters)
                for part in batch.parts {
                    parameters.removeAll()
                    CommitParameters.keys(
                        of: part, topology: workload.job.topology.name, at: Workload.now.wall, into: &parameters)
                    keys += part.progress.newKeys.count
                }
            }
        }
        try expect(keys == workload.unique, "\(keys) keys were packed, \(workload.unique) are new")
        return Benchmark.Pass(records: core.slot.with { $0.meters.deltas.count }, time: time)
    }

    /// Closes the open batch, which is then in the core's slot.
    private static func handOver(_ core: WorkerCore, _ workload: Workload) throws {
        core.tick(Workload.now, drained: true)
        let counted = core.slot.with { batch in batch.parts.reduce(0) { $0 + $1.progress.counted } }
        try expect(counted == workload.unique, "\(counted) records were counted, \(workload.unique) are to be")
    }
}
