// What must come out, from the input alone: plain dictionaries, and none of Weir's own code.

import WeirCore
import WeirKafka
import WeirRuntime

/// Follows the committed transactions: each record that one covers is folded once, in the order of the log, and those
/// that waited once more, when they come back.
struct Oracle {
    struct Counts: Equatable {
        var counted: Int64 = 0
        var duplicates: Int64 = 0
        var conflicts: Int64 = 0
        var deadLetters: Int64 = 0
        /// Put aside, less those that came back.
        var parked: Int64 = 0
        var diverted: Int64 = 0
    }

    /// One record's turn in a transaction.
    struct Turn {
        enum Fate {
            case processed
            case parked(ParkCause)
            case diverted, givenUp
        }

        let record: SimRecord
        let fate: Fate
        /// Why it waited before; nil if it comes from the log.
        var waitedFor: ParkCause?
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
    /// Offsets of the records that wait, and of those that were diverted.
    private(set) var waiting: [TopicPartition: Set<Int64>] = [:]
    private(set) var diverted: [TopicPartition: Set<Int64>] = [:]
    /// Of each organisation's events that waited for no schema: the offset that had its turn last.
    private var lastTurns: [Memory: Int64] = [:]
    /// What was asked of the oracle that cannot be.
    private(set) var complaint: String?
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

    /// Takes in what was committed of a partition.
    ///
    /// - Returns: what became of the records.
    mutating func fold(_ id: TopicPartition, to end: Int64, _ turns: [Turn]) -> Counts {
        var part = Counts()
        for turn in turns {
            let offset = turn.record.offset
            if turn.waitedFor != nil {
                part.parked -= 1
                if waiting[id]?.remove(offset) == nil { complaint = "\(id) \(offset) comes back and did not wait" }
            }
            switch turn.fate {
            case .parked:
                part.parked += 1
                waiting[id, default: []].insert(offset)
            case .diverted:
                part.diverted += 1
                diverted[id, default: []].insert(offset)
            case .givenUp: bury(id, offset, .unknownSchema, &part)
            case .processed:
                switch turn.record.content {
                case .poison(let reason): bury(id, offset, reason, &part)
                case .event(let event):
                    checkOrder(id, event, offset, turn.waitedFor)
                    meter(id, event, offset, &part)
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

    private mutating func bury(
        _ id: TopicPartition, _ offset: Int64, _ reason: DeadLetterReason, _ part: inout Counts
    ) {
        part.deadLetters += 1
        if deadLetters[id, default: [:]].updateValue(reason, forKey: offset) != nil {
            complaint = "\(id) \(offset) is a dead letter a second time"
        }
    }

    /// An organisation's events keep their order, but for those that waited for their schema.
    private mutating func checkOrder(_ id: TopicPartition, _ event: SimEvent, _ offset: Int64, _ cause: ParkCause?) {
        if case .schema = cause { return }
        let organisation = Memory(id: id, organisation: event.organisation, key: "")
        if let last = lastTurns[organisation], last > offset {
            complaint = "\(id) \(offset) of \(event.organisation) comes after \(last)"
        }
        lastTurns[organisation] = offset
    }

    private mutating func meter(_ id: TopicPartition, _ event: SimEvent, _ offset: Int64, _ part: inout Counts) {
        let memory = Memory(id: id, organisation: event.organisation, key: event.key)
        if let before = remembered[memory] {
            if before.says(event) {
                part.duplicates += 1
            } else {
                part.conflicts += 1
                conflicts[id, default: []].insert(offset)
            }
        } else {
            remembered[memory] = event
            part.counted += 1
            count(event, id.topic)
        }
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
