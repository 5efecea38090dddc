// What one look at a partition of a consumer group saw.

/// Facts only: offsets that brokers told, and what a reader found at the committed one.
public struct Observation: Sendable, Equatable {
    /// What a consumer would be given next.
    public enum Next: Sendable, Equatable {
        /// - Parameter timestamp: milliseconds since 1970; nil if the record has none.
        case record(offset: Int64, timestamp: Int64?)
        /// The log ends, or holds nothing more that anybody could read: transaction markers, aborted records.
        case nothing
        /// Only records of a transaction that is still open.
        case openTransaction
        /// The log is longer, but nobody could read it in time.
        case unread
    }

    /// Microseconds of a clock that only goes forward, taken before the committed offset was asked for and after the
    /// end of the log was told: so a committed offset is never newer than the end beside it.
    public var askedAt: Int64
    public var answeredAt: Int64
    /// Nil if the group has committed nothing.
    public var committed: Int64?
    /// First offset in the log, and the one after its last.
    public var start: Int64
    public var end: Int64
    public var next: Next
    /// Whether a member of the group holds the partition; nil if the broker does not say.
    public var isAssigned: Bool?

    public init(
        askedAt: Int64, answeredAt: Int64, committed: Int64?, start: Int64, end: Int64, next: Next, isAssigned: Bool?
    ) {
        self.askedAt = askedAt
        self.answeredAt = answeredAt
        self.committed = committed
        self.start = start
        self.end = end
        self.next = next
        self.isAssigned = isAssigned
    }

    /// Nothing that a consumer could be given lies behind the committed offset.
    var isCaughtUp: Bool {
        guard let committed, committed <= end else { return false }
        return committed == end || next == .nothing || next == .openTransaction
    }

    /// Deleted before the group had committed them: by retention, or by somebody.
    var deletedUnread: Int64 { committed.map { max(0, start - $0) } ?? 0 }

    /// Offsets from the committed one (or the start of the log) to its end; 0 if none holds a record to read. Nil without
    /// a committed offset, unless nothing was ever written.
    public var lag: Int64? {
        guard let committed else { return end == 0 ? 0 : nil }
        return isCaughtUp ? 0 : max(0, end - max(committed, start))
    }

    /// The first offset that waits: exact if it was read, else the first that can.
    var waitingOffset: Int64? {
        if case .record(let offset, _) = next { return offset }
        return committed.map { max($0, start) }
    }

    /// Whether the record at an offset was there to be read.
    func holds(_ offset: Int64) -> Bool {
        guard end > offset else { return false }
        // A look that found nothing to read from an earlier offset on.
        return !(isCaughtUp && (committed ?? .max) <= offset)
    }
}
