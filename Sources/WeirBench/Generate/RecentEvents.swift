// The events that can still be repeated or contradicted.

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
