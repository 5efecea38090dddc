// The events that can still be repeated or contradicted.

/// What is remembered of an event.
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

/// The last so many events of a source.
struct RecentEvents {
    private var events: [RecentEvent] = []
    private var next = 0
    private let capacity: Int

    init(capacity: Int) { self.capacity = capacity }

    mutating func add(_ event: RecentEvent) {
        if events.count < capacity {
            events.append(event)
        } else {
            events[next] = event
            next = (next + 1) % capacity
        }
    }

    func draw(_ random: inout SeededRandom) -> RecentEvent? {
        events.isEmpty ? nil : events[random.below(events.count)]
    }
}
