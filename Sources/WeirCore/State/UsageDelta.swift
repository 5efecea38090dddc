// What one batch adds to one window of one meter.

/// The change of a usage row within a batch: merged into the stored row by the commit's SQL.
public struct UsageDelta: Sendable {
    /// Index into the topology's meters.
    public let meter: Int32
    /// Number of the organisation in the batch.
    public let organisation: Int32
    /// Number of the dimensions in the batch.
    public let dimensions: Int32
    /// Slot of the partition in the batch.
    public let partition: Int32
    public let aggregate: Aggregate
    /// The window had ended, grace included, when its first record of this batch came.
    public let isLate: Bool
    public let windowStart: Int64
    public let windowEnd: Int64
    /// Key that member hashes of a `unique` meter are made under; zero for other aggregates.
    public let memberKey: Hash128
    /// Unscaled. For `unique` it stays 0: the commit counts the members that were not known yet.
    public private(set) var quantity: Int128
    public private(set) var eventCount: Int64 = 0
    /// Number of the newest traced record that went into it; negative if there is none.
    package var trace: Int32 = -1
    public private(set) var firstEventAt: Int64
    public private(set) var lastEventAt: Int64
    public private(set) var firstOffset: Int64
    public private(set) var lastOffset: Int64

    init(
        meter: Int, organisation: Int, dimensions: Int, partition: Int, aggregate: Aggregate, isLate: Bool,
        window: ClosedWindow, memberKey: Hash128, eventTime: Int64, offset: Int64
    ) {
        self.meter = Int32(meter)
        self.organisation = Int32(organisation)
        self.dimensions = Int32(dimensions)
        self.partition = Int32(partition)
        self.aggregate = aggregate
        self.isLate = isLate
        windowStart = window.start
        windowEnd = window.end
        self.memberKey = memberKey
        quantity = 0
        firstEventAt = eventTime
        lastEventAt = eventTime
        firstOffset = offset
        lastOffset = offset
    }

    struct ClosedWindow {
        var start: Int64
        var end: Int64
    }

    /// Takes in one more event. Offsets rise, but for events that were put aside and are fetched again.
    @inline(__always)
    mutating func add(_ value: Int64, eventTime: Int64, offset: Int64) {
        let value = Int128(value)
        switch aggregate {
        case .count: quantity &+= 1
        case .sum: quantity &+= value
        case .min: quantity = eventCount == 0 ? value : Swift.min(quantity, value)
        case .max: quantity = eventCount == 0 ? value : Swift.max(quantity, value)
        // Of equal event times the later arrival wins.
        case .last: if eventTime >= lastEventAt { quantity = value }
        case .unique: break
        }
        eventCount &+= 1
        if eventTime < firstEventAt { firstEventAt = eventTime }
        if eventTime > lastEventAt { lastEventAt = eventTime }
        if offset > lastOffset { lastOffset = offset } else if offset < firstOffset { firstOffset = offset }
    }
}
