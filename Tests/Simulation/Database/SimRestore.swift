// Reads a partition's keys back in pages, as Restore does.

import WeirCore
import WeirRuntime

final class SimRestore {
    let order: RestoreOrder
    private var buckets: RetentionBuckets
    private var rows: [SimDatabase.SeenRow] = []
    private let horizon: Int64

    private let pageRows: Int

    init(_ order: RestoreOrder, now: Int64, pageRows: Int) {
        self.order = order
        self.pageRows = pageRows
        buckets = RetentionBuckets(retention: order.retention, now: now)
        horizon = buckets.horizon(at: now)
    }

    /// - Returns: the partition once the last page is read.
    func readPage(_ database: SimDatabase) -> RestoredPartition? {
        let page = database.seenPage(order.id, after: rows.last?.id ?? -1, since: horizon, rows: pageRows)
        rows += page
        guard page.count < pageRows else { return nil }
        var keys = KeyIndex(minimumCapacity: 64)
        for row in rows {
            let bucket = buckets.tag(at: row.seenAt)
            _ = SeenKeys.restore(row.keys.span.bytes, bucket: bucket, into: &keys)
        }
        return RestoredPartition(
            id: order.id, epoch: order.epoch, buckets: buckets, keys: keys, rows: rows.count,
            outbox: database.storedMessages([order.id]), parked: database.parkedRows([order.id]))
    }
}
