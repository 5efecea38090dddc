// What BatchWriter would send, read out of an open batch when its writing begins.

import WeirCore
import WeirKafka
import WeirRuntime

struct SimTransaction {
    struct Delta {
        let key: UsageKey
        let slot: Int
        let aggregate: Aggregate
        let value: UsageValue
        var members: [Hash128] = []
    }

    let parts: [BatchPart]
    let hasSharedWindows: Bool
    private(set) var deltas: [Delta] = []
    let deadLetters: [DeadLetter]
    let conflicts: [Conflict]
    let gaps: [Gap]
    let deleting: [Int64]
    let records: Int
    /// The worker's wall clock.
    let writtenAt: Int64

    init(_ batch: borrowing OpenBatch, topology: Topology, writtenAt: Int64) {
        parts = batch.parts
        deadLetters = batch.deadLetters
        conflicts = batch.conflicts
        gaps = batch.gaps
        deleting = batch.deleting
        records = batch.records
        hasSharedWindows = batch.meters.hasSharedWindows
        self.writtenAt = writtenAt
        for delta in batch.meters.deltas {
            let meter = topology.meters[Int(delta.meter)]
            deltas.append(
                Delta(
                    key: UsageKey(
                        organisation: String(decoding: batch.meters.organisation(delta.organisation), as: UTF8.self),
                        meter: meter.name, start: delta.windowStart,
                        dimensions: batch.meters.dimensions(of: delta, names: meter.groupBy).map(\.value)),
                    slot: Int(delta.partition), aggregate: delta.aggregate,
                    value: UsageValue(
                        quantity: Int64(delta.quantity), events: delta.eventCount, first: delta.firstEventAt,
                        last: delta.lastEventAt)))
        }
        for member in batch.meters.members { deltas[Int(member.delta)].members.append(member.hash) }
    }
}
