// The record that is being written, and what is known of it.

/// What a record is made from, and what was kept of it while it was written.
struct RecordDraft {
    // Given.
    var organisation = 0
    /// Microseconds; `eventTime` is what was left of them.
    var time: Int64 = 0
    /// Decides the idempotency key.
    var identity = (high: UInt64(0), low: UInt64(0))
    var number: Int64 = 0
    /// The flaw that the fields are written with.
    var flaw: PoisonKind?
    /// Which of the pool's values is to be the key, where a pool yields it.
    var keyPick: Int?
    /// The trace's numbers.
    var traced: [Int64] = []

    // Kept.
    var eventTime: Int64 = 0
    var values: [EventValue] = []
    var key: [UInt8] = []
    var keyPicked = 0
    /// Extents of attempt ids in the record.
    var attempts: [Range<Int>] = []
    /// Extents in which a repeat may differ without being a conflict.
    var ignored: [Range<Int>] = []
    var organisationName = ""
}
