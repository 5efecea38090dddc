// What was said to one process and what it asked for, noted from outside, for whoever judges what it commits.

import WeirCore
import WeirKafka
import WeirRuntime

final class Witness {
    /// A row that was read back and given to the core.
    struct Return {
        /// The partition's next offset then: records before it had their turn already.
        let before: Int64
        let number: Int
    }

    /// A row that is asked for.
    struct Demand {
        let time: Int64
        /// Whether the folder of schemas was looked into since this process has known the row.
        let hasLooked: Bool
    }

    /// A record that is given to the core.
    struct Turn {
        let number: Int
        let time: Int64
    }

    private unowned let world: World
    let ledger = QuotaLedger()
    var breaker = BreakerWitness()
    private var number = 0
    private(set) var turns: [QuotaLedger.Place: Turn] = [:]
    private(set) var returns: [Int64: Return] = [:]
    private(set) var demands: [Int64: Demand] = [:]
    private var learnedAt: [Int64: Int64] = [:]
    private var looksAt: Int64 = 0
    private var lookedAt: Int64
    /// Since when this process knows each of the later schemas.
    private var knownSince: [Int32: Int64] = [:]

    init(world: World) {
        self.world = world
        lookedAt = world.now
        learn(world.folderStage)
    }

    // MARK: Records

    /// - Parameter next: the offset that the core expects.
    func take(_ record: SimRecord, of id: TopicPartition, next: Int64?) {
        guard world.hasPolicies, record.offset >= next ?? 0 else { return }
        noteTurn(record, of: id)
        ledger.take(record, of: id, at: world.now)
    }

    private func noteTurn(_ record: SimRecord, of id: TopicPartition) {
        number += 1
        turns[QuotaLedger.Place(id: id, offset: record.offset)] = Turn(number: number, time: world.now)
    }

    func lookedBehind(_ inspection: Inspection, _ verdict: GapVerdict) {
        guard world.hasPolicies, let to = inspection.to, let record = world.broker.log(inspection.id).entry(to) else {
            return
        }
        switch verdict {
        case .explained, .lost:
            noteTurn(record, of: inspection.id)
            ledger.takeHeld(record, of: inspection.id, at: world.now)
        case .present, .unknown: break
        }
    }

    // MARK: Rows

    /// - Parameter isNew: whether the process took their partition over; a look finds rows that it knows.
    func learn(_ rows: [ParkedRow], isNew: Bool) {
        for row in rows where isNew || learnedAt[row.id] == nil { learnedAt[row.id] = world.now }
    }

    func ask(_ rows: [ParkedRow]) {
        for row in rows {
            demands[row.id] = Demand(time: world.now, hasLooked: lookedAt >= learnedAt[row.id] ?? 0)
            ledger.ask(row, at: world.now)
        }
    }

    /// The core has taken them in.
    func takeBack(_ rows: [ParkedRow], next: Int64) {
        for row in rows {
            number += 1
            returns[row.id] = Return(before: next, number: number)
            ledger.takeBack(row, at: world.now)
            guard case .schema(let id) = row.cause, knownSince[id] != nil else { continue }
            for offset in world.database.parked.rows[row.id]?.offsets ?? [] {
                if let record = world.broker.log(row.source).entry(offset) { ledger.takeLate(record, at: world.now) }
            }
        }
    }

    // MARK: Schemas

    func look() { looksAt = world.now }

    /// - Parameter stage: nil if the folder could not be read.
    func looked(_ stage: Int?) {
        lookedAt = looksAt
        if let stage { learn(stage) }
    }

    private func learn(_ stage: Int) {
        for id in Shape.laterSchemas.prefix(stage) where knownSince[id] == nil { knownSince[id] = world.now }
    }

    func knew(_ schema: Int32, at time: Int64) -> Bool { knownSince[schema].map { $0 < time } ?? false }
}
