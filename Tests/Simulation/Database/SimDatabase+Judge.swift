// Every transaction against the oracle, and all tables at the end.

import WeirCore
import WeirKafka
import WeirRuntime

extension SimDatabase {
    /// Before anything else of it is applied: the batch is about what its offsets say.
    func check(_ transaction: SimTransaction) {
        for part in transaction.parts {
            let progress = part.progress
            let log = world.broker.log(part.id)
            let accounted = Oracle.Counts(progress).all + progress.skipped
            let from = progress.fromOffset ?? progress.nextOffset - accounted
            let covered = oracle.covered[part.id]
            if let covered, covered != from {
                world.violate("\(part.id) is committed from \(from), but \(covered) is next")
            }
            if covered == nil, log.lastRecord != nil, !log.records(log.first..<max(log.first, from)).isEmpty {
                world.violate("\(part.id) begins at \(from), but the log has records from \(log.first)")
            }
            // Nothing new need have been read if something came back.
            let isReturn = transaction.unparked.contains { parked.rows[$0]?.source == part.id }
            guard progress.nextOffset > from || (isReturn && progress.nextOffset == from),
                progress.nextOffset <= log.end
            else {
                return world.violate("\(part.id) is committed \(from)..<\(progress.nextOffset), log ends \(log.end)")
            }
            if accounted != progress.nextOffset - from {
                world.violate("\(part.id) \(from)..<\(progress.nextOffset) accounts for \(accounted) offsets")
            }
        }
        for id in transaction.unparked {
            guard let row = parked.rows[id] else {
                world.violate("row \(id) comes back, and is not in weir.parked")
                continue
            }
            if !transaction.parts.contains(where: { $0.id == row.source }) {
                world.violate("row \(id) of \(row.source) comes back with a batch that has nothing of that partition")
            }
        }
        if Set(transaction.unparked).count != transaction.unparked.count { world.violate("a row comes back twice") }
    }

    func judge(_ transaction: SimTransaction, by witness: Witness) {
        for part in transaction.parts {
            let progress = part.progress
            let found = Oracle.Counts(progress)
            let from = progress.fromOffset ?? progress.nextOffset - found.all - progress.skipped
            guard from <= progress.nextOffset else { return }
            let turns = turns(of: part, from: from, transaction, by: witness)
            let wanted = oracle.fold(part.id, to: progress.nextOffset, turns)
            if let complaint = oracle.complaint { world.violate(complaint) }
            if wanted != found {
                world.violate("\(part.id) \(from)..<\(progress.nextOffset) is \(found), should be \(wanted)")
            }
            if progress.counted != Int64(progress.newKeys.count) {
                world.violate("\(part.id): \(progress.newKeys.count) new keys of \(progress.counted) counted")
            }
            world.coverage.note(.late, Int(progress.late))
            watchLag(turns)
        }
        for delta in transaction.deltas where usage[delta.key] != oracle.usage[delta.key] {
            world.violate(
                "\(delta.key) is \(usage[delta.key]?.description ?? "missing"), should be "
                    + "\(oracle.usage[delta.key]?.description ?? "missing")")
        }
    }

    /// The records of a part that were there to be read, and not lost.
    func records(of part: BatchPart, from: Int64, _ transaction: SimTransaction) -> [SimRecord] {
        let log = world.broker.log(part.id)
        var records = log.records(from..<part.progress.nextOffset)
        for gap in transaction.gaps where gap.source == part.id {
            let inside = log.records(gap.from..<gap.to)
            if gap.cause == .lost, !world.shape.continuesBehindGap {
                world.violate("went on behind the loss of \(part.id) \(gap.from)..<\(gap.to) with on_gap: stop")
            }
            if gap.cause != .lost, !inside.isEmpty {
                world.violate("the log has records in \(part.id) \(gap.from)..<\(gap.to): not \(gap.cause)")
            }
            if let kept = inside.first(where: { $0.offset >= log.first }) {
                world.violate("\(part.id) \(kept.offset) is not lost: the log begins at \(log.first)")
            }
            records.removeAll { (gap.from..<gap.to).contains($0.offset) }
        }
        return records
    }

    private func watchLag(_ turns: [Oracle.Turn]) {
        guard world.shape.longestLag > 0 else { return }
        for turn in turns where turn.record.organisation != "o0" {
            let lag = world.now - (turn.record.timestamp * 1000 - World.base)
            if lag > world.shape.longestLag { world.violate("\(turn.record.content.words) took \(lag)") }
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
        if overflow != oracle.diverted { world.violate("at the end the overflow topic differs") }
        if let lost = (1...max(1, lastOutbox)).first(where: { $0 <= lastOutbox && !published.contains($0) }) {
            world.violate("outbox row \(lost) was never published")
        }
        world.coverage.note(.counted, Int(oracle.counts.counted))
        world.coverage.note(.duplicate, Int(oracle.counts.duplicates))
        world.coverage.note(.conflict, Int(oracle.counts.conflicts))
        world.coverage.note(.deadLetter, Int(oracle.counts.deadLetters))
    }
}
