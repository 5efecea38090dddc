// One assigned partition: its fence, how far it got, and the keys it remembers.

internal import WeirCore
internal import WeirKafka

/// Lives from assignment to loss; nothing of it survives the partition's move to another worker.
final class PartitionState {
    let id: TopicPartition
    /// Index of its source in the job.
    let source: Int
    /// Raised by the assignment; every commit must name it.
    let epoch: Int64
    /// First offset not committed; nil before the first commit ever.
    var committed: Int64?
    /// Where the last batch that went to be committed ends, and so where the next one begins.
    var handedOver: Int64?
    /// Offset expected next; nil before the first record of a partition without a commit.
    var next: Int64?
    var seen: KeyIndex
    var buckets: RetentionBuckets
    /// Small rows of weir.seen written since they were merged last.
    var unmergedRows = 0
    /// Stored keys seen before this are to be deleted with the next commit; nil if none have run out.
    var expireBefore: Int64?
    /// Stored keys seen before this are deleted, or about to be.
    private var horizon: Int64 = 0

    /// When a gap in its offsets was logged last.
    var gapLoggedAt: Int64 = 0

    /// So many small rows are merged into one.
    static let mergeRows = 128

    init(id: TopicPartition, source: Int, epoch: Int64, committed: Int64?, buckets: RetentionBuckets) {
        self.id = id
        self.source = source
        self.epoch = epoch
        self.committed = committed
        handedOver = committed
        next = committed
        seen = KeyIndex()
        self.buckets = buckets
    }

    /// Forgets keys that have run out. Comes before the first record of a batch: see `RetentionBuckets.expired`.
    func forgetExpired(at now: Int64) { seen.expire(buckets: buckets.expired(at: now)) }

    /// Has the next commit delete stored keys that have run out since this was last called.
    func deleteExpired(at now: Int64) {
        let horizon = buckets.horizon(at: now)
        guard horizon > self.horizon else { return }
        self.horizon = horizon
        expireBefore = horizon
    }
}
