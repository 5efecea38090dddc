// What one process let through of each organisation's quota, and what it put aside, by the input's own account.

import WeirCore
import WeirKafka
import WeirRuntime

/// The law: of one organisation and source a process lets through no more than `rate * time + burst`, where a row of
/// weir.parked counts whole, is asked for as soon as there is room for its first record beside those that were asked
/// for before, and is charged when it comes; and it puts nothing aside for which there
/// is room, unless others of the organisation wait already, be it in a batch that is still open. A process that takes over begins with a burst of its own.
///
/// Amounts are millionths of an event or byte, so that a microsecond of a rate is a whole number.
final class QuotaLedger {
    struct Account: Hashable, Comparable {
        let topic: String
        let organisation: String

        static func < (a: Account, b: Account) -> Bool { (a.topic, a.organisation) < (b.topic, b.organisation) }
    }

    struct Place: Hashable {
        let id: TopicPartition
        let offset: Int64
    }

    private struct Entry {
        enum Kind {
            case record
            case asked
            case row
            /// It waited for its schema, is charged, and needs no room.
            case late
        }

        enum Fate: Equatable {
            /// Not committed by this process; it may have been charged all the same.
            case unknown
            case through
            case aside(isBacklog: Bool)
            /// It was not charged.
            case void
        }

        let time: Int64
        let kind: Kind
        let events: Int64
        let bytes: Int64
        var fate = Fate.unknown
        /// Rises from decision to decision; nil if the process never committed it.
        var decided: Int?
        /// The decisions there were when it was forgotten with its batch.
        var dropped: Int?

        /// Taken before the other, and put aside in a batch that was still open when the other's was committed; or, if
        /// that batch was dropped later, perhaps.
        func mayWaitBefore(_ other: Entry) -> Bool {
            guard kind == .record, let committed = other.decided else { return false }
            return switch fate {
            case .aside: decided ?? 0 > committed
            case .unknown: decided == nil && dropped ?? 0 >= committed
            case .through, .void: false
            }
        }
    }

    private var entries: [Account: [Entry]] = [:]
    private var places: [Place: (account: Account, index: Int)] = [:]
    private var rows: [Int64: (account: Account, asked: Int, taken: Int?)] = [:]
    private var decisions = 0

    // MARK: What happens

    /// A record is given to the core, which may let it through.
    func take(_ record: SimRecord, of id: TopicPartition, at now: Int64) {
        guard let account = Self.account(of: record) else { return }
        let place = Place(id: id, offset: record.offset)
        places[place] = (account, entries[account]?.count ?? 0)
        entries[account, default: []].append(
            Entry(time: now, kind: .record, events: 1, bytes: Int64(record.payloadSize)))
    }

    /// It was only held; now its turn comes.
    func takeHeld(_ record: SimRecord, of id: TopicPartition, at now: Int64) {
        if let known = places[Place(id: id, offset: record.offset)] {
            entries[known.account]?[known.index].fate = .void
        }
        take(record, of: id, at: now)
    }

    func ask(_ row: ParkedRow, at now: Int64) {
        guard let account = Self.account(of: row) else { return }
        rows[row.id] = (account, append(row, as: .asked, to: account, at: now), nil)
    }

    func takeBack(_ row: ParkedRow, at now: Int64) {
        guard let account = Self.account(of: row) else { return }
        rows[row.id]?.taken = append(row, as: .row, to: account, at: now)
    }

    private func append(_ row: ParkedRow, as kind: Entry.Kind, to account: Account, at now: Int64) -> Int {
        entries[account, default: []].append(
            Entry(time: now, kind: kind, events: Int64(row.records), bytes: Int64(row.bytes)))
        return entries[account, default: []].count - 1
    }

    private static func account(of row: ParkedRow) -> Account? {
        guard case .quota(let name) = row.cause else { return nil }
        return Account(topic: row.source.topic, organisation: String(decoding: name, as: UTF8.self))
    }

    func takeLate(_ record: SimRecord, at now: Int64) {
        guard let account = Self.account(of: record) else { return }
        entries[account, default: []].append(
            Entry(time: now, kind: .late, events: 1, bytes: Int64(record.payloadSize), fate: .through))
    }

    /// Whatever was taken and not committed is taken again, by somebody.
    func drop() {
        for account in entries.keys {
            for index in entries[account, default: []].indices {
                let entry = entries[account, default: []][index]
                guard entry.fate == .unknown, entry.decided == nil, entry.dropped == nil else { continue }
                entries[account]?[index].dropped = decisions
            }
        }
    }

    // MARK: What is committed

    /// It waits for its schema, which is no matter of quotas.
    func putAsideForSchema(_ place: Place) { decide(place, .unknown) }

    func letThrough(_ place: Place) {
        decide(place, .through)
    }

    func letThrough(row: Int64) {
        guard let known = rows[row], let taken = known.taken else { return }
        entries[known.account]?[known.asked].fate = .through
        entries[known.account]?[taken].fate = .through
    }

    func putAside(_ place: Place, isBacklog: Bool) {
        decide(place, .aside(isBacklog: isBacklog))
    }

    private func decide(_ place: Place, _ fate: Entry.Fate) {
        guard let known = places[place] else { return }
        decisions += 1
        entries[known.account]?[known.index].fate = fate
        entries[known.account]?[known.index].decided = decisions
    }

    // MARK: The law

    /// - Returns: how it was broken; nil if it was not.
    func judge(_ quotas: Quotas) -> String? {
        for (account, list) in entries.sorted(by: { $0.key < $1.key }) {
            let quota = quotas.organisations[account.organisation] ?? quotas.usual
            // What surely was charged, and what may have been.
            var least = Use(quota, burst: quotas.burst)
            var most = Use(quota, burst: quotas.burst)
            // Of rows that were asked for and come.
            var reserved = (events: Int64(0), bytes: Int64(0))
            for (index, entry) in list.enumerated() {
                least.drain(to: entry.time)
                most.drain(to: entry.time)
                switch entry.fate {
                case .through:
                    let needsRoom = entry.kind == .record || entry.kind == .asked
                    if needsRoom, !least.hasRoom(beside: reserved) {
                        let words = list.filter { $0.time <= entry.time }.suffix(60).map {
                            "\($0.time) \($0.kind) \($0.events) \($0.bytes) \($0.fate)"
                        }
                        return "\(account) gets more than its quota at \(entry.time)\n\(words.joined(separator: "\n"))"
                    }
                    if entry.kind == .asked {
                        reserved = (reserved.events + entry.events, reserved.bytes + entry.bytes)
                        continue
                    }
                    if entry.kind == .row {
                        reserved = (reserved.events - entry.events, reserved.bytes - entry.bytes)
                    }
                    least.fill(entry)
                    most.fill(entry)
                case .unknown: if entry.kind != .asked { most.fill(entry) }
                case .aside(let isBacklog):
                    let mayWait = quotas.over == .delay && list[..<index].contains { $0.mayWaitBefore(entry) }
                    if !isBacklog, most.hasRoom(beside: (0, 0)), !mayWait {
                        return "\(account) has room at \(entry.time), and its record is put aside"
                    }
                case .void: break
                }
            }
        }
        return nil
    }

    private struct Use {
        private var events: Bucket
        private var bytes: Bucket

        init(_ quota: Quota, burst: TimeSpan) {
            events = Bucket(quota.eventsPerSecond, burst)
            bytes = Bucket(quota.bytesPerSecond, burst)
        }

        func hasRoom(beside reserved: (events: Int64, bytes: Int64)) -> Bool {
            events.room - reserved.events * 1_000_000 >= 1_000_000 && bytes.room - reserved.bytes * 1_000_000 > 0
        }

        mutating func drain(to now: Int64) {
            events.drain(to: now)
            bytes.drain(to: now)
        }

        mutating func fill(_ entry: Entry) {
            events.fill(entry.events)
            bytes.fill(entry.bytes)
        }
    }

    /// What runs over the rate, and how much of it a burst allows.
    private struct Bucket {
        private let rate: Int64?
        private let size: Int64
        private var excess: Int64 = 0
        private var time: Int64 = 0

        init(_ rate: Int?, _ burst: TimeSpan) {
            self.rate = rate.map(Int64.init)
            size = Int64(rate ?? 0) * burst.microseconds
        }

        var room: Int64 { rate == nil ? .max : size - excess }

        mutating func drain(to now: Int64) {
            excess = max(0, excess - (rate ?? 0) * (now - time))
            time = now
        }

        mutating func fill(_ amount: Int64) { if rate != nil { excess += amount * 1_000_000 } }
    }

    /// Whose quota the record uses: that of nobody if it is refused.
    static func account(of record: SimRecord) -> Account? {
        record.organisation.map { Account(topic: record.topic, organisation: $0) }
    }
}
