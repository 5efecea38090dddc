// PostgreSQL's tables, and transactions that come one after another: what is committed is true.

import WeirCore
import WeirKafka
import WeirRuntime

/// `commit` is weir.advance and all that follows it in BatchWriter, and it holds each transaction that is
/// applied against the oracle.
final class SimDatabase {
    struct Row {
        var epoch: Int64 = 0
        var next: Int64?
        var sequence: Int64 = 0
        var counts = Oracle.Counts()
    }

    struct SeenRow {
        let id: Int64
        let seenAt: Int64
        let keys: [UInt8]
    }

    struct Written {
        var outbox: [StoredMessages] = []
        var parked: [ParkedRow] = []
    }

    enum Outcome {
        case fenced
        case committed(Written)
    }

    enum Fate { case committed, pending, foreign }

    unowned let world: World
    var oracle = Oracle()
    private(set) var rows: [TopicPartition: Row] = [:]
    private(set) var seen: [TopicPartition: [SeenRow]] = [:]
    private(set) var usage: [UsageKey: UsageValue] = [:]
    private var members: Set<Hash128> = []
    private(set) var deadLetters: [TopicPartition: [Int64: DeadLetterReason]] = [:]
    private(set) var conflicts: [TopicPartition: Set<Int64>] = [:]
    private(set) var parked = SimParkedTable()
    private(set) var outbox: [Int64: StoredMessages] = [:]
    private(set) var published: Set<Int64> = []
    /// Places of records that reached the overflow topic.
    private(set) var overflow: [TopicPartition: Set<Int64>] = [:]
    private(set) var lastOutbox: Int64 = 0
    private var lastSeen: Int64 = 0
    /// Keys stored so far, by partition: none may be stored twice.
    private var stored: [TopicPartition: Set<Hash128>] = [:]
    /// The epoch given last, apart from the rows.
    private var issued: [TopicPartition: Int64] = [:]

    init(world: World) { self.world = world }

    // MARK: Taking over

    func claim(_ wanted: [TopicPartition]) -> [Claim] {
        wanted.sorted().map { id in
            // As the upsert does: the first claim makes the row.
            var row = rows[id] ?? Row()
            row.epoch += 1
            rows[id] = row
            issued[id] = row.epoch
            return Claim(id: id, epoch: row.epoch, nextOffset: row.next, sequence: row.sequence)
        }
    }

    func fate(_ parts: [BatchPart]) -> Fate {
        var written = 0
        for part in parts {
            guard let row = rows[part.id], row.epoch == part.epoch else { return .foreign }
            switch row.sequence - part.sequence {
            case 0: break
            case 1: written += 1
            default: return .foreign
            }
        }
        return written == 0 ? .pending : written == parts.count ? .committed : .foreign
    }

    func storedMessages(_ ids: [TopicPartition]) -> [StoredMessages] {
        outbox.values.filter { ids.contains($0.source) }.sorted { $0.id < $1.id }
    }

    func parkedRows(_ ids: [TopicPartition]) -> [ParkedRow] {
        ids.flatMap { id in parked.rows(of: id).map { $0.parkedRow(now: world.now) } }
    }

    /// Nil if one of the rows is gone.
    func records(of wanted: [ParkedRow]) -> [[HeldRecord]]? {
        var result: [[HeldRecord]] = []
        for row in wanted {
            guard let stored = parked.rows[row.id] else { return nil }
            guard let records = ParkedRecords.unpack(stored.records, of: row.source), records.count == row.records
            else {
                world.violate("weir.parked row \(row.id) does not hold its records")
                return nil
            }
            result.append(records)
        }
        return result
    }

    func seenPage(_ id: TopicPartition, after: Int64, since: Int64, rows count: Int) -> [SeenRow] {
        Array((seen[id] ?? []).filter { $0.id > after && $0.seenAt >= since }.prefix(count))
    }

    // MARK: Committing

    /// - Parameter witness: of the process that began it.
    func commit(_ transaction: SimTransaction, by witness: Witness) -> Outcome {
        for part in transaction.parts where !isCurrent(part) { return .fenced }
        world.mix(UInt64(transaction.records))
        for part in transaction.parts { advance(part) }
        check(transaction)
        var messages = [[OutboxMessage]](repeating: [], count: transaction.parts.count)
        for slot in transaction.parts.indices {
            for delta in transaction.deltas where delta.slot == slot {
                upsert(delta)
                messages[slot].append(message("usage", delta.key.description))
            }
        }
        for letter in transaction.deadLetters {
            deadLetters[letter.source, default: [:]][letter.offset] = letter.reason
            add(message("dlq", "\(letter.offset)"), of: letter.source, transaction, &messages)
        }
        for place in transaction.diverted {
            add(message("overflow", "\(place.offset)"), of: place.id, transaction, &messages)
        }
        for conflict in transaction.conflicts { conflicts[conflict.source, default: []].insert(conflict.offset) }
        for part in transaction.parts { store(part, transaction.writtenAt) }
        delete(transaction.deleting)
        judge(transaction, by: witness)
        checkSchemas(transaction)
        var written = Written()
        for id in transaction.unparked { parked.delete(id, at: world.now) }
        for parking in transaction.parking {
            written.parked.append(parked.insert(parking, at: world.now).parkedRow(now: world.now))
        }
        checkParked(transaction)
        world.note(transaction.hasSharedWindows ? .committedSharedWindows : .committed)
        for (slot, list) in messages.enumerated() where !list.isEmpty {
            lastOutbox += 1
            let row = StoredMessages(id: lastOutbox, source: transaction.parts[slot].id, messages: list)
            outbox[lastOutbox] = row
            written.outbox.append(row)
        }
        return .committed(written)
    }

    /// The condition of weir.advance.
    private func isCurrent(_ part: BatchPart) -> Bool {
        guard let row = rows[part.id] else { return false }
        return row.epoch == part.epoch && row.sequence == part.sequence && row.next == part.progress.fromOffset
    }

    private func advance(_ part: BatchPart) {
        if part.epoch != issued[part.id] {
            world.violate("epoch \(part.epoch) of \(part.id) wrote; \(issued[part.id] ?? 0) is the live one")
        }
        rows[part.id]?.next = part.progress.nextOffset
        rows[part.id]?.sequence += 1
        rows[part.id]?.counts += Oracle.Counts(part.progress)
    }

    private func upsert(_ delta: SimTransaction.Delta) {
        var quantity = delta.value.quantity
        if delta.aggregate == .unique {
            quantity = 0
            for member in delta.members {
                if members.insert(member).inserted { quantity += 1 } else { world.note(.membersKnownAlready) }
            }
        }
        guard var row = usage[delta.key] else {
            usage[delta.key] = delta.value
            usage[delta.key]?.quantity = quantity
            return
        }
        switch delta.aggregate {
        case .max: row.quantity = max(row.quantity, quantity)
        case .min: row.quantity = min(row.quantity, quantity)
        case .last: if delta.value.last >= row.last { row.quantity = quantity }
        default: row.quantity += quantity
        }
        row.events += delta.value.events
        row.first = min(row.first, delta.value.first)
        row.last = max(row.last, delta.value.last)
        usage[delta.key] = row
    }

    private func message(_ topic: String, _ key: String) -> OutboxMessage {
        OutboxMessage(topic: topic, key: Array(key.utf8), payload: nil, headers: [])
    }

    private func add(
        _ message: OutboxMessage, of id: TopicPartition, _ transaction: SimTransaction,
        _ messages: inout [[OutboxMessage]]
    ) {
        guard let slot = transaction.parts.firstIndex(where: { $0.id == id }) else {
            return world.violate("something of \(id), which is not in the batch")
        }
        messages[slot].append(message)
    }

    private func store(_ part: BatchPart, _ writtenAt: Int64) {
        guard !part.progress.newKeys.isEmpty else { return }
        var bytes: [UInt8] = []
        SeenKeys.store(part.progress.newKeys) { bytes.append(contentsOf: $0) }
        lastSeen += 1
        seen[part.id, default: []].append(SeenRow(id: lastSeen, seenAt: writtenAt, keys: bytes))
        for key in part.progress.newKeys where !stored[part.id, default: []].insert(key.key).inserted {
            world.violate("a key of \(part.id) is stored a second time")
        }
        if let horizon = part.expireBefore { seen[part.id]?.removeAll { $0.seenAt < horizon } }
    }

    // MARK: The outbox

    func publish(_ stored: StoredMessages) {
        world.note(.published)
        published.insert(stored.id)
        for message in stored.messages where message.topic == "overflow" {
            guard let key = message.key, let offset = Int64(String(decoding: key, as: UTF8.self)) else { continue }
            overflow[stored.source, default: []].insert(offset)
        }
    }

    func delete(_ ids: [Int64]) {
        for id in ids {
            if !published.contains(id) { world.violate("outbox row \(id) is deleted before it was published") }
            outbox[id] = nil
        }
    }
}

extension Oracle.Counts {
    init(_ progress: PartitionProgress) {
        self.init(
            counted: progress.counted, duplicates: progress.duplicates, conflicts: progress.conflicts,
            deadLetters: progress.deadLetters, parked: progress.parked, diverted: progress.diverted)
    }

    static func += (a: inout Self, b: Self) {
        a.counted += b.counted
        a.duplicates += b.duplicates
        a.conflicts += b.conflicts
        a.deadLetters += b.deadLetters
        a.parked += b.parked
        a.diverted += b.diverted
    }

    /// Offsets that these account for.
    var all: Int64 { counted + duplicates + conflicts + deadLetters + parked + diverted }
}
