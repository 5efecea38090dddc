// Reads a partition's keys back in pages, as Restore does.

import WeirCore
import WeirRuntime

final class SimRestore {
    let order: RestoreOrder
    private var buckets: RetentionBuckets
    private var rows: [SimDatabase.SeenRow] = []
    private let horizon: Int64

    private static let pageRows = 3

    init(_ order: RestoreOrder, now: Int64) {
        self.order = order
        buckets = RetentionBuckets(retention: order.retention, now: now)
        horizon = buckets.horizon(at: now)
    }

    /// - Returns: the partition once the last page is read.
    func readPage(_ database: SimDatabase) -> RestoredPartition? {
        let page = database.seenPage(order.id, after: rows.last?.id ?? -1, since: horizon, rows: Self.pageRows)
        rows += page
        guard page.count < Self.pageRows else { return nil }
        var keys = KeyIndex(minimumCapacity: 64)
        for row in rows {
            let bucket = buckets.tag(at: row.seenAt)
            _ = SeenKeys.restore(row.keys.span.bytes, bucket: bucket, into: &keys)
        }
        return RestoredPartition(
            id: order.id, epoch: order.epoch, buckets: buckets, keys: keys, rows: rows.count,
            outbox: database.storedMessages([order.id]))
    }
}
