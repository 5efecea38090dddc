// Reads one partition's remembered keys back, page by page.

internal import Tracing
internal import WeirCore
internal import WeirKafka
internal import WeirPostgres

/// How far reading back has got.
struct RestoreProgress: Sendable {
    let keys: Int
    let of: Int
    /// Microseconds since it began.
    let elapsed: Int64

    /// Microseconds that the rest takes at this pace.
    var remaining: Int64? { keys > 0 ? elapsed * Int64(of - keys) / Int64(keys) : nil }
}

/// In pages: a partition's keys may be gigabytes, one result is held in memory as a whole, and batches of
/// other partitions are written in between.
final class Restore {
    let order: RestoreOrder
    private var buckets: RetentionBuckets
    private var keys = KeyIndex(minimumCapacity: 1024)
    private var rowCount = 0
    private var after: Int64 = -1
    private let total: Int
    private let now = WallClock.now()
    private let begun = WallClock.monotonic()
    /// From the first page to the last, with what other requests took in between.
    private let span: any Tracing.Span

    private static let pageRows: Int64 = 32

    /// - Parameter claim: the trace of the claim that the order follows.
    init(_ order: RestoreOrder, job: Job, session: DatabaseSession, within claim: ServiceContext) throws {
        self.order = order
        buckets = RetentionBuckets(retention: order.retention, now: now)
        span = startSpan("weir.restore", context: claim, ofKind: .client)
        span.describe(job)
        span.describe(order)
        do {
            let rows = try session.connection.query(
                """
                SELECT coalesce(sum(key_count), 0)::int8 FROM weir.seen
                WHERE topology = $1::text AND topic = $2::text AND partition = $3::int4 AND seen_at >= $4::timestamptz
                """, Self.place(order, job, horizon: buckets.horizon(at: now)))
            total = Int(rows.int64(0, 0))
        } catch {
            span.recordError(error)
            span.end()
            throw error
        }
        keys.reserve(total)
    }

    /// Nobody wants the rest.
    func abandon() {
        span.attributes["weir.abandoned"] = true
        end()
    }

    func fail(_ failure: StoreFailure) {
        span.fail(failure)
        end()
    }

    private func end() {
        span.attributes["weir.keys"] = keys.count
        span.end()
    }

    func progress() -> RestoreProgress {
        RestoreProgress(keys: keys.count, of: total, elapsed: WallClock.monotonic() - begun)
    }

    /// - Returns: the partition once the last page is read.
    func readPage(job: Job, session: DatabaseSession) throws -> RestoredPartition? {
        var parameters = Self.place(order, job, horizon: buckets.horizon(at: now))
        parameters.add(after)
        parameters.add(Self.pageRows)
        let rows = try session.connection.query(
            """
            SELECT id, seen_at, keys FROM weir.seen
            WHERE topology = $1::text AND topic = $2::text AND partition = $3::int4 AND seen_at >= $4::timestamptz
                AND id > $5::int8
            ORDER BY id LIMIT $6::int8
            """, parameters)
        for row in 0..<rows.count {
            let bucket = buckets.tag(at: rows.timestamp(row, 1))
            let complete = rows.withBytes(row, 2) { SeenKeys.restore($0, bucket: bucket, into: &keys) }
            guard complete else {
                throw WeirError(
                    .bug, "weir.seen holds a row for \(order.id) that is not made of 24-byte keys",
                    advice: "Restore the table from a backup: without its keys repeats would be billed.")
            }
        }
        rowCount += rows.count
        if rows.count > 0 { after = rows.int64(rows.count - 1, 0) }
        guard rows.count < Self.pageRows else { return nil }
        let outbox = try Takeover.storedMessages(of: [order.id], job: job, session: session)
        let parked = try ParkingLot.rows(of: order.id, job: job, session: session)
        end()
        var taken = KeyIndex(minimumCapacity: 64)
        swap(&taken, &keys)
        return RestoredPartition(
            id: order.id, epoch: order.epoch, buckets: buckets, keys: taken, rows: rowCount, outbox: outbox,
            parked: parked)
    }

    private static func place(_ order: RestoreOrder, _ job: Job, horizon: Int64) -> Parameters {
        var parameters = Parameters()
        parameters.add(job.topology.name)
        parameters.add(order.id.topic)
        parameters.add(order.id.partition)
        parameters.add(timestamp: horizon)
        return parameters
    }
}
