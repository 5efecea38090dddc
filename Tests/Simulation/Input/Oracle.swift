// What must come out, from the input alone: plain dictionaries, and none of Weir's own code.

import WeirCore
import WeirKafka

/// Follows the committed offsets: each range that a transaction covers is folded once, in the log's order.
struct Oracle {
    struct Counts: Equatable {
        var counted: Int64 = 0
        var duplicates: Int64 = 0
        var conflicts: Int64 = 0
        var deadLetters: Int64 = 0
    }

    /// One way of counting, as the simulator's topology has it.
    private struct Meter {
        enum Kind { case count, sum, most, least, latest, distinct }

        let name: String
        let kind: Kind
        let hours: Int64
        var byRegion = false
    }

    private struct Memory: Hashable {
        let id: TopicPartition
        let organisation: String
        let key: String
    }

    private(set) var usage: [UsageKey: UsageValue] = [:]
    private(set) var deadLetters: [TopicPartition: [Int64: DeadLetterReason]] = [:]
    private(set) var conflicts: [TopicPartition: Set<Int64>] = [:]
    /// First offset that no transaction has covered yet.
    private(set) var covered: [TopicPartition: Int64] = [:]
    private(set) var counts = Counts()
    private var remembered: [Memory: SimEvent] = [:]
    private var users: [UsageKey: Set<String>] = [:]

    private static let meters: [String: [Meter]] = [
        "sim.orgs": [
            Meter(name: "events", kind: .count, hours: 1, byRegion: true),
            Meter(name: "amount", kind: .sum, hours: 1),
            Meter(name: "most", kind: .most, hours: 24),
            Meter(name: "latest", kind: .latest, hours: 1),
            Meter(name: "users", kind: .distinct, hours: 1),
            Meter(name: "users_by_region", kind: .distinct, hours: 24, byRegion: true),
        ],
        "sim.sites": [
            Meter(name: "site_events", kind: .count, hours: 1),
            Meter(name: "site_amount", kind: .sum, hours: 1),
            Meter(name: "site_least", kind: .least, hours: 1),
            Meter(name: "site_latest", kind: .latest, hours: 24),
            Meter(name: "site_users", kind: .distinct, hours: 1),
        ],
    ]

    /// Takes in the records of a range that was committed.
    ///
    /// - Returns: what became of them.
    mutating func fold(_ id: TopicPartition, to end: Int64, _ records: [SimRecord]) -> Counts {
        var part = Counts()
        for record in records {
            switch record.content {
            case .poison(let reason):
                part.deadLetters += 1
                deadLetters[id, default: [:]][record.offset] = reason
            case .event(let event):
                let memory = Memory(id: id, organisation: event.organisation, key: event.key)
                if let before = remembered[memory] {
                    if before.says(event) {
                        part.duplicates += 1
                    } else {
                        part.conflicts += 1
                        conflicts[id, default: []].insert(record.offset)
                    }
                } else {
                    remembered[memory] = event
                    part.counted += 1
                    count(event, id.topic)
                }
            }
        }
        covered[id] = end
        counts.counted += part.counted
        counts.duplicates += part.duplicates
        counts.conflicts += part.conflicts
        counts.deadLetters += part.deadLetters
        return part
    }

    private mutating func count(_ event: SimEvent, _ topic: String) {
        for meter in Self.meters[topic] ?? [] {
            let length = meter.hours * 3_600_000_000
            let key = UsageKey(
                organisation: event.organisation, meter: meter.name, start: event.at - event.at % length,
                dimensions: meter.byRegion ? [event.region ?? ""] : [])
            let before = usage[key]
            var row = before ?? UsageValue(quantity: 0, events: 0, first: event.at, last: event.at)
            switch meter.kind {
            case .count: row.quantity += 1
            case .sum: row.quantity += event.amount
            case .most: row.quantity = before == nil ? event.amount : max(row.quantity, event.amount)
            case .least: row.quantity = before == nil ? event.amount : min(row.quantity, event.amount)
            case .latest: if event.at >= row.last { row.quantity = event.amount }
            case .distinct:
                users[key, default: []].insert(event.user)
                row.quantity = Int64(users[key]?.count ?? 0)
            }
            row.events += 1
            row.first = min(row.first, event.at)
            row.last = max(row.last, event.at)
            usage[key] = row
        }
    }
}
