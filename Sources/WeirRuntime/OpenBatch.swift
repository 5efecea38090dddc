// The records taken since the last commit began, and everything that their commit will write.

internal import WeirCore

/// A worker has two of these: one is filled while the other is committed.
struct OpenBatch: ~Copyable {
    var meters: MeterBatch
    /// One entry per partition that had records; the index is the partition's slot.
    private(set) var progress: [PartitionProgress] = []
    var partitions: [PartitionState] = []
    var deadLetters: [DeadLetter] = []
    var conflicts: [Conflict] = []
    var gaps: [Gap] = []
    /// Kafka timestamps (milliseconds) of the records, equal neighbours counted together.
    private(set) var timestamps: ContiguousArray<(milliseconds: Int64, count: UInt32)> = []
    private(set) var records = 0
    private(set) var bytes = 0
    /// When its first record was taken, on the monotonic clock.
    private(set) var openedAt: Int64 = 0

    init(secret: Hash128, table: String) { meters = MeterBatch(secret: secret, memberScope: table) }

    var isEmpty: Bool { progress.isEmpty }

    mutating func removeAll() {
        meters.removeAll()
        progress.removeAll(keepingCapacity: true)
        partitions.removeAll(keepingCapacity: true)
        deadLetters.removeAll()
        conflicts.removeAll()
        gaps.removeAll()
        timestamps.removeAll(keepingCapacity: true)
        records = 0
        bytes = 0
    }

    /// The partition's place in this batch, made if it has none yet.
    @inline(__always)
    mutating func slot(of state: PartitionState, firstOffset: Int64) -> Int {
        for index in partitions.indices where partitions[index] === state { return index }
        if isEmpty { openedAt = WallClock.monotonic() }
        // Before the batch's first key goes in: expiry goes by bucket tags that come round again.
        state.forgetExpired(at: WallClock.now())
        partitions.append(state)
        progress.append(
            PartitionProgress(partition: partitions.count - 1, fromOffset: state.handedOver, nextOffset: firstOffset))
        return partitions.count - 1
    }

    /// The batch goes to be committed: the next one begins where it ends.
    func handOver() {
        for (state, progress) in zip(partitions, progress) { state.handedOver = progress.nextOffset }
    }

    @inline(__always)
    mutating func withProgress<Result>(_ slot: Int, _ body: (inout PartitionProgress, inout MeterBatch) -> Result)
        -> Result
    {
        body(&progress[slot], &meters)
    }

    @inline(__always)
    mutating func note(timestamp: Int64, bytes size: Int) {
        records &+= 1
        bytes &+= size
        let last = timestamps.count &- 1
        if last >= 0, timestamps[last].milliseconds == timestamp {
            timestamps[last].count &+= 1
        } else {
            timestamps.append((timestamp, 1))
        }
    }
}
