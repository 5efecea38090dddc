// What is remembered of an event, so that it can be repeated or contradicted.

/// An event as it was sent, and what it was made from.
struct RecentEvent {
    var payload: [UInt8]
    var key: [UInt8]
    var organisation: Int
    var identity: (high: UInt64, low: UInt64)
    var number: Int64
    var keyPick: Int
    /// Extents of attempt ids in the payload.
    var attempts: [Range<Int>]
    /// Extents in which a repeat may differ.
    var ignored: [Range<Int>]
}
