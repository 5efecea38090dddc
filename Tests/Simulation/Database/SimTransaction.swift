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

    /// A row for weir.parked.
    struct Parked {
        let source: TopicPartition
        let cause: ParkCause
        let offsets: [Int64]
        let bytes: Int
        let records: [UInt8]
    }

    let parts: [BatchPart]
    let hasSharedWindows: Bool
    private(set) var deltas: [Delta] = []
    let deadLetters: [DeadLetter]
    let conflicts: [Conflict]
    let gaps: [Gap]
    let parking: [Parked]
    let unparked: [Int64]
    let diverted: [QuotaLedger.Place]
    let deleting: [Int64]
    let records: Int
    /// The worker's wall clock.
    let writtenAt: Int64

    init(_ batch: borrowing OpenBatch, topology: Topology, writtenAt: Int64) {
        parts = batch.parts
        deadLetters = batch.deadLetters
        conflicts = batch.conflicts
        gaps = batch.gaps
        parking = batch.parking.map {
            Parked(
                source: $0.source, cause: $0.cause, offsets: $0.records.map(\.offset), bytes: $0.bytes,
                records: ParkedRecords.pack($0.records))
        }
        unparked = batch.unparked
        diverted = batch.diverted.map { QuotaLedger.Place(id: $0.source, offset: $0.record.offset) }
        deleting = batch.deleting
        records = batch.load.records
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

    var words: String {
        let parts = parts.map {
            "\($0.id) \($0.progress.fromOffset ?? -1)..<\($0.progress.nextOffset) epoch \($0.epoch)"
        }.joined(separator: ", ")
        let aside = parking.map { "\($0.source) \($0.offsets)" }.joined(separator: ", ")
        return parts + (aside.isEmpty ? "" : ", parks \(aside)") + (unparked.isEmpty ? "" : ", unparks \(unparked)")
    }
}
