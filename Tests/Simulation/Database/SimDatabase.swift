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

    enum Outcome {
        case fenced
        case committed([StoredMessages])
    }

    enum Fate { case committed, pending, foreign }

    private unowned let world: World
    private var oracle = Oracle()
    private(set) var rows: [TopicPartition: Row] = [:]
    private(set) var seen: [TopicPartition: [SeenRow]] = [:]
    private(set) var usage: [UsageKey: UsageValue] = [:]
    private var members: Set<Hash128> = []
    private var deadLetters: [TopicPartition: [Int64: DeadLetterReason]] = [:]
    private var conflicts: [TopicPartition: Set<Int64>] = [:]
    private(set) var outbox: [Int64: StoredMessages] = [:]
    private var published: Set<Int64> = []
    private var lastOutbox: Int64 = 0
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

    func seenPage(_ id: TopicPartition, after: Int64, since: Int64, rows count: Int) -> [SeenRow] {
        Array((seen[id] ?? []).filter { $0.id > after && $0.seenAt >= since }.prefix(count))
    }

    // MARK: Committing

    func commit(_ transaction: SimTransaction) -> Outcome {
        for part in transaction.parts where !isCurrent(part) { return .fenced }
        world.mix(UInt64(transaction.records))
        for part in transaction.parts { advance(part) }
        check(transaction)
        var messages = [[OutboxMessage]](repeating: [], count: transaction.parts.count)
        for slot in transaction.parts.indices {
            for delta in transaction.deltas where delta.slot == slot {
                upsert(delta)
                messages[slot].append(message(delta.key))
            }
        }
        for letter in transaction.deadLetters { bury(letter, transaction, &messages) }
        for conflict in transaction.conflicts { conflicts[conflict.source, default: []].insert(conflict.offset) }
        for part in transaction.parts { store(part, transaction.writtenAt) }
        delete(transaction.deleting)
        judge(transaction)
        world.note(transaction.hasSharedWindows ? .committedSharedWindows : .committed)
        var result: [StoredMessages] = []
        for (slot, list) in messages.enumerated() where !list.isEmpty {
            lastOutbox += 1
            let row = StoredMessages(id: lastOutbox, source: transaction.parts[slot].id, messages: list)
            outbox[lastOutbox] = row
            result.append(row)
        }
        return .committed(result)
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
        rows[part.id]?.counts.counted += part.progress.counted
        rows[part.id]?.counts.duplicates += part.progress.duplicates
        rows[part.id]?.counts.conflicts += part.progress.conflicts
        rows[part.id]?.counts.deadLetters += part.progress.deadLetters
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

    private func message(_ key: UsageKey) -> OutboxMessage {
        OutboxMessage(topic: "usage", key: Array(key.description.utf8), payload: nil, headers: [])
    }

    private func bury(_ letter: DeadLetter, _ transaction: SimTransaction, _ messages: inout [[OutboxMessage]]) {
        deadLetters[letter.source, default: [:]][letter.offset] = letter.reason
        guard let slot = transaction.parts.firstIndex(where: { $0.id == letter.source }) else {
            return world.violate("a dead letter of \(letter.source), which is not in the batch")
        }
        messages[slot].append(OutboxMessage(topic: "dlq", key: nil, payload: nil, headers: []))
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
    }

    func delete(_ ids: [Int64]) {
        for id in ids {
            if !published.contains(id) { world.violate("outbox row \(id) is deleted before it was published") }
            outbox[id] = nil
        }
    }

    // MARK: Against the oracle

    /// Before anything else of it is applied: the batch is about what its offsets say.
    private func check(_ transaction: SimTransaction) {
        for part in transaction.parts {
            let progress = part.progress
            let log = world.broker.log(part.id)
            let accounted = progress.records + progress.skipped
            let from = progress.fromOffset ?? progress.nextOffset - accounted
            let covered = oracle.covered[part.id]
            if let covered, covered != from {
                world.violate("\(part.id) is committed from \(from), but \(covered) is next")
            }
            if covered == nil, log.lastRecord != nil, !log.records(log.first..<max(log.first, from)).isEmpty {
                world.violate("\(part.id) begins at \(from), but the log has records from \(log.first)")
            }
            guard progress.nextOffset > from, progress.nextOffset <= log.end else {
                return world.violate("\(part.id) is committed \(from)..<\(progress.nextOffset), log ends \(log.end)")
            }
            if accounted != progress.nextOffset - from {
                world.violate("\(part.id) \(from)..<\(progress.nextOffset) accounts for \(accounted) offsets")
            }
        }
    }

    private func judge(_ transaction: SimTransaction) {
        for part in transaction.parts {
            let progress = part.progress
            let from = progress.fromOffset ?? progress.nextOffset - progress.records - progress.skipped
            guard from <= progress.nextOffset else { return }
            let log = world.broker.log(part.id)
            var records = log.records(from..<progress.nextOffset)
            for gap in transaction.gaps where gap.source == part.id {
                let inside = log.records(gap.from..<gap.to)
                if gap.cause != .lost, !inside.isEmpty {
                    world.violate("the log has records in \(part.id) \(gap.from)..<\(gap.to): not \(gap.cause)")
                }
                if gap.cause == .lost, !world.shape.continuesBehindGap {
                    world.violate("went on behind the loss of \(part.id) \(gap.from)..<\(gap.to) with on_gap: stop")
                }
                if let kept = inside.first(where: { $0.offset >= log.first }) {
                    world.violate("\(part.id) \(kept.offset) is not lost: the log begins at \(log.first)")
                }
                records.removeAll { (gap.from..<gap.to).contains($0.offset) }
            }
            let wanted = oracle.fold(part.id, to: progress.nextOffset, records)
            let found = Oracle.Counts(
                counted: progress.counted, duplicates: progress.duplicates, conflicts: progress.conflicts,
                deadLetters: progress.deadLetters)
            if wanted != found {
                world.violate("\(part.id) \(from)..<\(progress.nextOffset) is \(found), should be \(wanted)")
            }
            if progress.counted != Int64(progress.newKeys.count) {
                world.violate("\(part.id): \(progress.newKeys.count) new keys of \(progress.counted) counted")
            }
            world.coverage.note(.late, Int(progress.late))
        }
        for delta in transaction.deltas where usage[delta.key] != oracle.usage[delta.key] {
            world.violate(
                "\(delta.key) is \(usage[delta.key]?.description ?? "missing"), should be "
                    + "\(oracle.usage[delta.key]?.description ?? "missing")")
        }
    }

    func checkAtEnd() {
        let wrong = Set(usage.keys).union(oracle.usage.keys).filter { usage[$0] != oracle.usage[$0] }
        if let key = wrong.sorted().first {
            world.violate(
                "at the end \(key) is \(usage[key]?.description ?? "missing"), should be "
                    + "\(oracle.usage[key]?.description ?? "missing")")
        }
        if deadLetters != oracle.deadLetters { world.violate("at the end the dead letters differ") }
        if conflicts != oracle.conflicts { world.violate("at the end the conflicts differ") }
        if let lost = (1...max(1, lastOutbox)).first(where: { $0 <= lastOutbox && !published.contains($0) }) {
            world.violate("outbox row \(lost) was never published")
        }
        world.coverage.note(.counted, Int(oracle.counts.counted))
        world.coverage.note(.duplicate, Int(oracle.counts.duplicates))
        world.coverage.note(.conflict, Int(oracle.counts.conflicts))
        world.coverage.note(.deadLetter, Int(oracle.counts.deadLetters))
    }
}
