// What the last owner of a partition left in PostgreSQL, read under the new epoch.

internal import Synchronization
package import WeirCore
package import WeirKafka

package final class RestoredPartition: Sendable {
    package let id: TopicPartition
    package let epoch: Int64
    /// Buckets that the keys' tags were given out by.
    package let buckets: RetentionBuckets
    /// Rows of weir.seen that the keys came from.
    package let rows: Int
    package let outbox: [StoredMessages]
    /// Its rows of weir.parked, oldest first.
    package let parked: [ParkedRow]
    private let keys: Mutex<KeyIndex>

    package init(
        id: TopicPartition, epoch: Int64, buckets: RetentionBuckets, keys: consuming KeyIndex, rows: Int,
        outbox: [StoredMessages], parked: [ParkedRow] = []
    ) {
        self.id = id
        self.epoch = epoch
        self.buckets = buckets
        self.keys = Mutex(keys)
        self.rows = rows
        self.outbox = outbox
        self.parked = parked
    }

    /// The keys, once.
    func takeKeys() -> KeyIndex {
        keys.withLock { keys in
            var taken = KeyIndex(minimumCapacity: 64)
            swap(&taken, &keys)
            return taken
        }
    }
}
