// Divides a retention into buckets, so that keys are forgotten by the bucket and not one by one.

/// Keys seen in the same 64th of the retention share a bucket. A bucket goes when the youngest key that
/// can be in it is older than the retention: a key lives at least the retention, at most 1/64 longer.
public struct RetentionBuckets: Sendable {
    private let retention: Int64
    /// Length of a bucket in microseconds, at least a second.
    public let length: Int64
    private var oldest: Int64

    public init(retention: TimeSpan, now: Int64) {
        self.retention = retention.microseconds
        length = max(1_000_000, retention.microseconds / 64)
        oldest = (now - retention.microseconds).flooredDivision(by: length)
    }

    /// The tag that keys seen at `time` carry. At most 66 buckets live at once, so 8 bits tell them apart.
    public func tag(at time: Int64) -> UInt8 { UInt8(truncatingIfNeeded: time.flooredDivision(by: length)) }

    /// Start of the bucket that `time` falls into, in microseconds since 1970.
    public func start(of time: Int64) -> Int64 { time.flooredDivision(by: length) * length }

    /// Keys seen before this need not be kept at `now`.
    public func horizon(at now: Int64) -> Int64 { (now - retention).flooredDivision(by: length) * length }

    /// Tags of the buckets that have run out since the last call.
    public mutating func expired(at now: Int64) -> [UInt8] {
        let limit = (now - retention).flooredDivision(by: length)
        guard oldest < limit else { return [] }
        // More than 256 buckets at once cannot hold anything: the tags come round again.
        let first = max(oldest, limit - 255)
        oldest = limit
        return (first..<limit).map { UInt8(truncatingIfNeeded: $0) }
    }
}
