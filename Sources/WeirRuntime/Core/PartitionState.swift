// One assigned partition: its fence, how far it got, and the keys it remembers.

internal import WeirAvro
internal import WeirCore
package import WeirKafka

/// Lives from assignment to loss; nothing of it survives the partition's move to another worker. Belongs to one
/// `WorkerCore`, whose comment says why some of it is `@exclusivity(unchecked)`.
///
///     claiming ──▶ restoring ──▶ running ◀──▶ inspecting ──▶ stopped
///                                   ◀──▶ asking
package final class PartitionState {
    package enum Phase: Sendable, Equatable {
        /// Its epoch is being raised.
        case claiming
        /// Its keys are being read back.
        case restoring
        case running
        /// Nobody here knows the schema of its next record; somebody is being asked.
        case asking
        /// Its offsets do not follow each other; somebody is looking at the log.
        case inspecting
        /// Its log lost records. Nothing moves until an operator has decided.
        case stopped
    }

    package let id: TopicPartition
    /// Index of its source in the job.
    package let source: Int
    /// Of its source: constants, so that a record's way to them retains nothing.
    let reader: RecordReader
    let book: QuotaBook
    @exclusivity(unchecked) package var phase = Phase.claiming
    /// Raised by the claim; every commit must name it.
    package private(set) var epoch: Int64 = 0
    /// Commits of the partition so far: tells a batch that is in from one that is not.
    var sequence: Int64 = 0
    /// First offset not committed; nil before the first commit ever.
    package var committed: Int64?
    /// Where the last batch that went to be committed ends, and so where the next one begins.
    var handedOver: Int64?
    /// Offset expected next; nil before the first record of a partition without a commit.
    @exclusivity(unchecked) package var next: Int64?
    @exclusivity(unchecked) var seen = KeyIndex(minimumCapacity: 64)
    @exclusivity(unchecked) var buckets: RetentionBuckets
    /// Small rows of weir.seen written since they were merged last.
    var unmergedRows = 0
    /// Stored keys seen before this are deleted, or about to be.
    private var horizon: Int64 = 0

    /// Where its place is, if it has one.
    @exclusivity(unchecked) var lane: Lane
    /// Its place in that batch; -1 if it has none.
    @exclusivity(unchecked) var slot = -1
    /// Of the batch being committed.
    var committing = BackPressure.Load()
    /// Of its open batch.
    @exclusivity(unchecked) var open = BackPressure.Load()
    /// Kafka timestamp of the first record of the open batch, in microseconds; `none` if it has none of the partition.
    @exclusivity(unchecked) var oldestOpen = none
    /// Of the batch being committed.
    var oldestCommitting = none
    static let none = Int64.max
    /// When it was committed last, or came; microseconds since 1970.
    package internal(set) var movedAt: Int64
    package var isPaused = false
    /// Given to librdkafka to read.
    package var isAssigned = false

    /// When a record of it came last, or its reading began; on the monotonic clock.
    @exclusivity(unchecked) package var heardAt: Int64 = 0
    /// When a gap in its offsets was logged last; nil if none was.
    var gapLoggedAt: Int64?
    /// Its offset was moved past lost records: librdkafka learns of it by joining anew, once that is committed.
    var isPassedOver = false
    /// When restoring is to be tried again; nil while it is under way.
    var restoreAt: Int64?
    var restoreAttempt = 0
    /// Records of it in weir.parked because their schemas are unknown.
    var waitingForSchemas = 0
    /// The schema that is being asked for, while the phase is `asking`.
    var asking = WireSchema.id(0)
    /// Records from `next` on that wait for the answer; empty while the partition is paused.
    var backlog = Backlog()
    /// Newest of its rows in weir.parked that this worker knows.
    var lastParked: Int64 = 0

    /// So many small rows are merged into one.
    static let mergeRows = 128

    init(
        id: TopicPartition, source: Int, reader: RecordReader, book: QuotaBook, buckets: RetentionBuckets, lane: Lane,
        at now: Int64
    ) {
        self.id = id
        self.source = source
        self.reader = reader
        self.book = book
        self.buckets = buckets
        self.lane = lane
        movedAt = now
    }

    /// A record that names no time, or the future, came now.
    func noteFirst(_ milliseconds: Int64, at now: Int64) {
        oldestOpen = milliseconds < 0 || milliseconds > now / 1000 ? now : milliseconds * 1000
    }

    /// Kafka timestamp of the first record that was taken and is not committed, in microseconds.
    package var oldestTaken: Int64? {
        if oldestCommitting != Self.none { return oldestCommitting }
        if oldestOpen != Self.none { return oldestOpen }
        return backlog.records.first.flatMap { $0.timestamp < 0 ? nil : $0.timestamp * 1000 }
    }

    /// A few records, so that a quick answer costs no second fetch.
    struct Backlog {
        private static let mostRecords = 256
        private static let mostBytes = 256 << 10

        private(set) var records: [HeldRecord] = []
        private var bytes = 0

        var isFull: Bool { records.count >= Self.mostRecords || bytes >= Self.mostBytes }

        mutating func add(_ record: HeldRecord) {
            records.append(record)
            bytes += record.payload.byteCount
        }
    }

    func claim(_ claim: Claim) {
        epoch = claim.epoch
        sequence = claim.sequence
        committed = claim.nextOffset
        handedOver = claim.nextOffset
        next = claim.nextOffset
        phase = .restoring
    }

    /// Where reading goes on.
    var start: StartOffset { next.map { .at($0) } ?? .earliest }

    /// Forgets keys that have run out. Comes before the first record of a batch: see `RetentionBuckets.expired`.
    func forgetExpired(at now: Int64) { seen.expire(buckets: buckets.expired(at: now)) }

    /// Stored keys seen before the result are to be deleted with the next commit; nil if no more have run
    /// out since this was last asked.
    func newHorizon(at now: Int64) -> Int64? {
        let horizon = buckets.horizon(at: now)
        guard horizon > self.horizon else { return nil }
        self.horizon = horizon
        return horizon
    }
}

/// A partition's row in PostgreSQL, under the epoch that this worker just gave it.
package struct Claim: Sendable, Equatable {
    package var id: TopicPartition
    package var epoch: Int64
    package var nextOffset: Int64?
    package var sequence: Int64

    package init(id: TopicPartition, epoch: Int64, nextOffset: Int64?, sequence: Int64) {
        self.id = id
        self.epoch = epoch
        self.nextOffset = nextOffset
        self.sequence = sequence
    }
}
