// What a transaction puts aside, takes back, diverts or gives up, and whether it may.

import WeirCore
import WeirKafka
import WeirRuntime

extension SimDatabase {
    /// The records of a part in the order in which they had their turns, each with its fate as the transaction has it.
    func turns(
        of part: BatchPart, from: Int64, _ transaction: SimTransaction, by witness: Witness
    ) -> [Oracle.Turn] {
        let direct = records(of: part, from: from, transaction)
        guard world.hasPolicies else { return direct.map { Oracle.Turn(record: $0, fate: .processed) } }
        var causes: [Int64: ParkCause] = [:]
        for row in transaction.parking where row.source == part.id {
            for offset in row.offsets { causes[offset] = row.cause }
        }
        var diverted: Set<Int64> = []
        for place in transaction.diverted where place.id == part.id { diverted.insert(place.offset) }
        var unknown: Set<Int64> = []
        for letter in transaction.deadLetters where letter.source == part.id && letter.reason == .unknownSchema {
            unknown.insert(letter.offset)
        }
        func turn(_ record: SimRecord, _ row: SimParkedTable.Row?) -> Oracle.Turn {
            let offset = record.offset
            var fate = Oracle.Turn.Fate.processed
            if let cause = causes[offset] {
                fate = .parked(cause)
                mayPark(record, part.id, cause, row, transaction, by: witness)
            } else if diverted.contains(offset) {
                fate = .diverted
                mayDivert(record, part.id, row, transaction, by: witness)
            } else if unknown.contains(offset), record.needsNewSchema {
                fate = .givenUp
                mayGiveUp(record, row, witness)
            } else if row == nil {
                witness.ledger.letThrough(QuotaLedger.Place(id: part.id, offset: offset))
            }
            return Oracle.Turn(record: record, fate: fate, waitedFor: row?.cause)
        }
        // Each row comes before the record that was next when it came.
        var rows = transaction.unparked.compactMap { id -> (row: SimParkedTable.Row, back: Witness.Return)? in
            guard let row = parked.rows[id], row.source == part.id, let back = witness.returns[id] else {
                return nil
            }
            witness.ledger.letThrough(row: id)
            return (row, back)
        }
        rows.sort { $0.back.number < $1.back.number }
        let log = world.broker.log(part.id)
        var turns: [Oracle.Turn] = []
        var place = 0
        for record in direct {
            while place < rows.count, rows[place].back.before <= record.offset {
                turns += rows[place].row.offsets.compactMap { log.entry($0) }.map { turn($0, rows[place].row) }
                place += 1
            }
            turns.append(turn(record, nil))
        }
        for entry in rows[place...] {
            turns += entry.row.offsets.compactMap { log.entry($0) }.map { turn($0, entry.row) }
        }
        note(turns)
        return turns
    }

    private func mayPark(
        _ record: SimRecord, _ id: TopicPartition, _ cause: ParkCause, _ row: SimParkedTable.Row?,
        _ transaction: SimTransaction, by witness: Witness
    ) {
        switch cause {
        case .quota(let name):
            if world.shape.quotas?.over != .delay || row != nil
                || record.organisation != String(decoding: name, as: UTF8.self)
            {
                world.violate("\(id) \(record.offset) waits for a quota, and should not")
            }
            putAside(record, id, transaction, by: witness)
        case .schema(let schema):
            if row == nil { witness.ledger.putAsideForSchema(QuotaLedger.Place(id: id, offset: record.offset)) }
            let turn = witness.turns[QuotaLedger.Place(id: id, offset: record.offset)]
            let isKnown = row == nil && turn.map { witness.knew(schema, at: $0.time) } ?? false
            if record.schemaID != schema || !record.needsNewSchema || row?.schema != nil
                || world.shape.schemaDeadline == 0 || isKnown
            {
                world.violate("\(id) \(record.offset) waits for schema \(schema), and should not")
            }
        }
    }

    private func mayDivert(
        _ record: SimRecord, _ id: TopicPartition, _ row: SimParkedTable.Row?, _ transaction: SimTransaction,
        by witness: Witness
    ) {
        if world.shape.quotas?.over != .divert || row != nil || record.organisation == nil {
            world.violate("\(id) \(record.offset) is diverted, and should not")
        }
        putAside(record, id, transaction, by: witness)
    }

    /// Over its quota, or behind others of its organisation: the ledger decides.
    private func putAside(_ record: SimRecord, _ id: TopicPartition, _ transaction: SimTransaction, by witness: Witness)
    {
        let place = QuotaLedger.Place(id: id, offset: record.offset)
        let ledger = witness.ledger
        guard let account = QuotaLedger.account(of: record), let turn = witness.turns[place] else {
            return world.violate("\(id) \(record.offset) is over a quota that it does not use")
        }
        var isBacklog = false
        if world.shape.quotas?.over == .delay {
            let gone = transaction.unparked.filter { witness.returns[$0]?.number ?? .max < turn.number }
            isBacklog =
                parked.hadBacklog(account, since: turn.time, butFor: Set(gone))
                || transaction.parking.contains { row in
                    guard case .quota(let name) = row.cause, row.source.topic == account.topic,
                        String(decoding: name, as: UTF8.self) == account.organisation
                    else { return false }
                    return row.offsets.contains {
                        witness.turns[QuotaLedger.Place(id: row.source, offset: $0)]?.number ?? .max < turn.number
                    }
                }
        }
        ledger.putAside(place, isBacklog: isBacklog)
    }

    private func mayGiveUp(_ record: SimRecord, _ row: SimParkedTable.Row?, _ witness: Witness) {
        let shape = world.shape
        guard let row, row.schema != nil else {
            // Not waited for at all, or for too many others already.
            if shape.schemaDeadline > 0, world.unknownSchemas.count <= shape.mostSchemaWaits {
                world.violate("\(record.content.words) does not wait for schema \(record.schemaID ?? 0)")
            }
            return
        }
        guard let demand = witness.demands[row.id] else { return world.violate("row \(row.id) was not asked for") }
        if demand.time - row.parkedAt < shape.schemaDeadline {
            world.violate(
                "\(record.content.words) waited \(demand.time - row.parkedAt) for its schema, and is given up")
        }
        if !demand.hasLooked {
            world.violate("\(record.content.words) is given up, and nobody has looked for its schema")
        }
    }

    // MARK: The table

    /// Who waits for enough schemas begins to wait for no other. Rows that are taken over may come on top, and further
    /// records of an id that some partition waits for.
    func checkSchemas(_ transaction: SimTransaction) {
        var begun: [Int32: Bool] = [:]
        for parking in transaction.parking {
            guard case .schema(let id) = parking.cause, !parked.rows.values.contains(where: { $0.schema == id }) else {
                continue
            }
            let waited = parked.rows(of: parking.source).filter { !transaction.unparked.contains($0.id) }
            let mayBegin = Set(waited.compactMap(\.schema)).count < world.shape.mostSchemaWaits
            begun[id] = mayBegin || begun[id] ?? false
        }
        for (id, mayBegin) in begun where !mayBegin {
            world.violate("a partition begins to wait for schema \(id), and waits for enough already")
        }
    }

    func checkParked(_ transaction: SimTransaction) {
        guard world.hasPolicies else { return }
        let shape = world.shape
        for part in transaction.parts {
            let id = part.id
            let rows = parked.rows(of: id)
            if rows.reduce(0, { $0 + Int64($1.offsets.count) }) != self.rows[id]?.counts.parked {
                world.violate("\(id) counts \(self.rows[id]?.counts.parked ?? 0) parked records, and has others")
            }
            if oracle.waiting[id] ?? [] != Set(rows.flatMap(\.offsets)) {
                world.violate("\(id): other records wait than should")
            }
            // Those that are read before the pause is carried out come on top, and one that stood behind a gap.
            if parked.schemaRecords(of: id) > shape.mostSchemaRecords + shape.batchRecords {
                world.violate("\(parked.schemaRecords(of: id)) records of \(id) wait for schemas")
            }
        }
        for parking in transaction.parking {
            let log = world.broker.log(parking.source)
            let records = ParkedRecords.unpack(parking.records, of: parking.source) ?? []
            let isSame =
                records.count == parking.offsets.count
                && records.allSatisfy { copy in
                    log.entry(copy.offset)?.isSame(as: copy) ?? false
                }
            if !isSame { world.violate("\(parking.source) \(parking.offsets) are put aside as something else") }
        }
    }

    private func note(_ turns: [Oracle.Turn]) {
        for turn in turns {
            switch (turn.fate, turn.waitedFor) {
            case (.parked(.quota), _): world.note(.parkedForQuota)
            case (.parked(.schema), nil): world.note(.parkedForSchema)
            case (.parked(.schema), _?): world.note(.parkedAgain)
            case (.diverted, _): world.note(.diverted)
            case (.givenUp, nil): world.note(.unknownAtOnce)
            case (.givenUp, _?): world.note(.schemaGivenUp)
            case (.processed, .quota?): world.note(.unparkedForQuota)
            case (.processed, .schema?): world.note(.unparkedForSchema)
            case (.processed, nil): if passesBacklog(turn.record) { world.note(.passedABacklog) }
            }
        }
    }

    /// Whether others of its partition wait for their quota meanwhile.
    private func passesBacklog(_ record: SimRecord) -> Bool {
        guard let name = record.organisation else { return false }
        return parked.rows.values.contains {
            guard let account = $0.account else { return false }
            return $0.source.topic == record.topic && $0.source.partition == record.partition
                && account.organisation != name
        }
    }
}
