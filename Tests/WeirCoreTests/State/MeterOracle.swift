// What meters should come to, computed the long way: all events are kept and added up at the end.

import Foundation
import WeirCore

/// One accepted event, as plain values.
struct OracleEvent {
    var organisation: String
    var time: Int64
    var partition: Int
    var offset: Int64
    /// Position among all events.
    var arrival: Int
    var record: SketchRecord
}

/// A window's result.
struct OracleTotal: Equatable {
    var quantity: Int128
    var events: Int64
    var first: Int64
    var last: Int64
}

/// Events by window, in no clever way.
struct MeterOracle {
    let meters: [Meter]
    private(set) var windows: [String: (meter: Int, events: [OracleEvent])] = [:]
    private var payloads: [String: String] = [:]

    init(_ meters: [Meter]) { self.meters = meters }

    /// What has to come of a record that is valid.
    mutating func take(_ event: OracleEvent) -> MeterBatch.Outcome {
        let id = "\(event.partition)/\(event.organisation)/\(event.record["id"] ?? .null)"
        let payload = "\(event.record.fields)"
        if let before = payloads[id] { return before == payload ? .duplicate : .conflict }
        payloads[id] = payload
        for (number, meter) in meters.enumerated() {
            windows[Self.name(meter, event), default: (number, [])].events.append(event)
        }
        return .counted(late: false)
    }

    static func name(_ meter: Meter, _ event: OracleEvent) -> String {
        name(
            meter, event.organisation, start(meter.window, event.time),
            meter.groupBy.map { words(event.record[$0.description] ?? .null) })
    }

    static func name(_ meter: Meter, _ organisation: String, _ start: Int64, _ dimensions: [String]) -> String {
        "\(meter.name)|\(organisation)|\(start)|\(dimensions)"
    }

    /// A dimension as its row shows it.
    static func words(_ value: SketchRecord.Value) -> String {
        switch value {
        case .null: ""
        case .integer(let number): "\(number)"
        case .bytes(let bytes), .constant(let bytes): String(decoding: bytes, as: UTF8.self)
        }
    }

    static func start(_ window: WindowSize, _ time: Int64) -> Int64 {
        switch window {
        case .fixed(let span):
            let size = span.microseconds
            return time - ((time % size) + size) % size
        case .month:
            var calendar = Calendar(identifier: .gregorian)
            calendar.timeZone = TimeZone(secondsFromGMT: 0) ?? .current
            let seconds = Int((Double(time) / 1e6).rounded(.down))
            let parts = calendar.dateComponents([.year, .month], from: Date(timeIntervalSince1970: Double(seconds)))
            return Int64((calendar.date(from: parts) ?? .distantPast).timeIntervalSince1970) * 1_000_000
        }
    }

    func totals() -> [String: OracleTotal] {
        windows.mapValues { window in
            let meter = meters[window.meter]
            let events = window.events
            let values = events.map { event -> Int128 in
                guard let field = meter.field?.description, case .integer(let number)? = event.record[field] else {
                    return 0
                }
                return Int128(number)
            }
            let quantity: Int128
            switch meter.aggregate {
            case .count: quantity = Int128(events.count)
            case .sum: quantity = values.reduce(0, +)
            case .min: quantity = values.min() ?? 0
            case .max: quantity = values.max() ?? 0
            case .last:
                let order = events.indices.sorted {
                    (events[$0].time, events[$0].arrival) < (events[$1].time, events[$1].arrival)
                }
                quantity = order.last.map { values[$0] } ?? 0
            case .unique:
                let field = meter.field?.description ?? ""
                quantity = Int128(Set(events.map { "\($0.record[field] ?? .null)" }).count)
            }
            return OracleTotal(
                quantity: quantity, events: Int64(events.count), first: events.map(\.time).min() ?? 0,
                last: events.map(\.time).max() ?? 0)
        }
    }
}

/// The stored rows, changed by each batch as the commit's SQL changes them.
struct StoredRows {
    private(set) var rows: [String: OracleTotal] = [:]
    private var members: Set<Hash128> = []

    /// - Parameter deltas: with the names of their windows, in the order they are written.
    mutating func commit(
        _ deltas: [(name: String, delta: UsageDelta, index: Int)], members new: [(hash: Hash128, delta: Int)]
    ) {
        var unique: [Int: Int128] = [:]
        for member in new where members.insert(member.hash).inserted { unique[member.delta, default: 0] += 1 }
        for (name, delta, index) in deltas {
            let quantity = delta.aggregate == .unique ? unique[index] ?? 0 : delta.quantity
            guard var row = rows[name] else {
                rows[name] = OracleTotal(
                    quantity: quantity, events: delta.eventCount, first: delta.firstEventAt, last: delta.lastEventAt)
                continue
            }
            switch delta.aggregate {
            case .max: row.quantity = max(row.quantity, quantity)
            case .min: row.quantity = min(row.quantity, quantity)
            case .last: if delta.lastEventAt >= row.last { row.quantity = quantity }
            case .count, .sum, .unique: row.quantity += quantity
            }
            row.events += delta.eventCount
            row.first = min(row.first, delta.firstEventAt)
            row.last = max(row.last, delta.lastEventAt)
            rows[name] = row
        }
    }
}
