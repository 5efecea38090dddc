// Records taken and not handed over yet, and everything that their commit will write.

package import WeirCore
package import WeirKafka

/// A worker fills one of these or several (`Lane`), while another is committed.
package struct OpenBatch: ~Copyable, Sendable {
    package var meters: MeterBatch
    /// One entry per partition that had records; the index is the partition's slot.
    package private(set) var parts: [BatchPart] = []
    package var deadLetters: [DeadLetter] = []
    package var conflicts: [Conflict] = []
    package var gaps: [Gap] = []
    /// Records to put aside, and rows of those fetched again.
    package private(set) var parking: [Parking] = []
    package var unparked: [Int64] = []
    package var diverted: [(source: TopicPartition, record: HeldRecord)] = []
    /// For each partition and cause the row that is being filled.
    private var fillingRows: [ParkedQueue.Key: Int] = [:]
    /// Rows of weir.outbox to delete along with it.
    package var deleting: [Int64] = []
    /// Kafka timestamps of the records whose fate it decides, but those that waited for their quota.
    package var arrivals = TimeRuns()
    /// Of those that it counts, the times that they name themselves.
    package var happenings = TimeRuns()
    /// Records whose producers follow them; a delta's `trace` is an index here.
    package var traced: [TracedRecord] = []
    /// Set when it is handed over, if anybody wants spans.
    package var trace: BatchTrace?
    /// What was read for it; known when it is handed over.
    package private(set) var load = BackPressure.Load()
    /// When its first record was taken, on the monotonic clock.
    package private(set) var openedAt: Int64 = 0

    package init(secret: Hash128, table: String) { meters = MeterBatch(secret: secret, memberScope: table) }

    package var isEmpty: Bool { parts.isEmpty }

    /// Records whose fate it decides: those that are put aside are decided when they come back.
    var decided: Int { parts.reduce(0) { $0 + Int($1.progress.records + $1.progress.diverted) } }

    mutating func removeAll() {
        meters.removeAll()
        parts.removeAll(keepingCapacity: true)
        deadLetters.removeAll()
        conflicts.removeAll()
        gaps.removeAll()
        parking.removeAll()
        unparked.removeAll()
        diverted.removeAll()
        fillingRows.removeAll()
        deleting.removeAll()
        arrivals.removeAll()
        happenings.removeAll()
        traced.removeAll()
        trace = nil
        meters.trace = -1
        load = BackPressure.Load()
    }

    /// Makes a place for a partition, from where its last batch ended.
    mutating func addPart(of state: PartitionState, nextOffset: Int64, at now: Int64) -> Int {
        if isEmpty { openedAt = now }
        parts.append(
            BatchPart(
                id: state.id, epoch: state.epoch,
                progress: PartitionProgress(
                    partition: parts.count, fromOffset: state.handedOver, nextOffset: nextOffset)))
        return parts.count - 1
    }

    /// What a part's commit needs to know of its partition, known when it is handed over.
    mutating func close(
        _ slot: Int, load part: BackPressure.Load, sequence: Int64, mergeKeysSince: Int64?, expireBefore: Int64?
    ) {
        load = load + part
        parts[slot].sequence = sequence
        parts[slot].mergeKeysSince = mergeKeysSince
        parts[slot].expireBefore = expireBefore
    }

    @inline(__always)
    mutating func withProgress<Result>(_ slot: Int, _ body: (inout PartitionProgress, inout MeterBatch) -> Result)
        -> Result
    {
        body(&parts[slot].progress, &meters)
    }

    /// True if the record begins a new row.
    mutating func park(_ record: HeldRecord, source: TopicPartition, cause: ParkCause, most: QuotaBook.RowLimit)
        -> Bool
    {
        let key = ParkedQueue.Key(source: source, cause: cause)
        var index = fillingRows[key]
        if let full = index,
            parking[full].records.count >= most.records || parking[full].bytes >= most.bytes
        {
            index = nil
        }
        let row = index ?? parking.count
        if index == nil {
            parking.append(Parking(source: source, cause: cause))
            fillingRows[key] = row
        }
        parking[row].records.append(record)
        parking[row].bytes += record.payload.byteCount
        return index == nil
    }
}

/// One partition's share of a batch.
package struct BatchPart: Sendable {
    package let id: TopicPartition
    package let epoch: Int64
    package var progress: PartitionProgress
    /// Commits of the partition before this one.
    package fileprivate(set) var sequence: Int64 = 0
    /// Its small rows of weir.seen written since then are to be merged into one.
    package fileprivate(set) var mergeKeysSince: Int64?
    /// Stored keys seen before this are to be deleted.
    package fileprivate(set) var expireBefore: Int64?
}
