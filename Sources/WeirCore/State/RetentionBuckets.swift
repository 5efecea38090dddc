// Divides a retention into buckets, so that keys are forgotten by the bucket and not one by one.

/// Keys seen in the same 64th of the retention share a bucket. A bucket goes when the youngest key that
/// can be in it is older than the retention: a key lives at least the retention, at most 1/64 longer.
public struct RetentionBuckets: Sendable {
    private let retention: Int64
    /// Length of a bucket in microseconds, at least a second.
    public let length: Int64
    /// Buckets before this have been given out by `expired`.
    private var oldest: Int64
    /// Newest bucket whose tag was given out.
    private var newest: Int64

    public init(retention: TimeSpan, now: Int64) {
        self.retention = retention.microseconds
        length = max(1_000_000, retention.microseconds / 64)
        oldest = (now - retention.microseconds).flooredDivision(by: length)
        newest = oldest
    }

    /// The tag that keys seen at `time` carry. At most 66 buckets live at once, so 8 bits tell them apart.
    public mutating func tag(at time: Int64) -> UInt8 {
        let bucket = time.flooredDivision(by: length)
        newest = max(newest, bucket)
        return UInt8(truncatingIfNeeded: bucket)
    }

    /// Start of the bucket that `time` falls into, in microseconds since 1970.
    public func start(of time: Int64) -> Int64 { time.flooredDivision(by: length) * length }

    /// Keys seen before this need not be kept at `now`.
    public func horizon(at now: Int64) -> Int64 { (now - retention).flooredDivision(by: length) * length }

    /// Tags of the buckets that have run out since the last call; never that of a bucket that is live.
    ///
    /// To be called before keys are given tags. Were it called only afterwards, and for the first time in
    /// three retentions, keys might stay whose tags had come round to live buckets meanwhile.
    public mutating func expired(at now: Int64) -> [UInt8] {
        let limit = (now - retention).flooredDivision(by: length)
        guard oldest < limit else { return [] }
        // Nothing is in a bucket newer than the newest tag. Tags repeat every 256 buckets: going further
        // back than this would come upon those of live buckets, which are `limit` to `newest`.
        let end = min(limit, newest + 1)
        let first = max(oldest, end - 256 + max(0, newest - limit + 1))
        oldest = limit
        return first < end ? (first..<end).map { UInt8(truncatingIfNeeded: $0) } : []
    }
}
