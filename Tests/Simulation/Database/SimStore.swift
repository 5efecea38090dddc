// A worker's side of the simulated PostgreSQL: Store and StoreDesk, with latency and faults.

import WeirAvro
import WeirCore
import WeirKafka
import WeirRuntime

/// One request at a time, a page of keys after everything else. What a request does in the database happens
/// at a moment of its own, whatever becomes of the client meanwhile.
final class SimStore {
    enum Request {
        case claim([TopicPartition], ticket: Int)
        case restore(RestoreOrder)
        case write(ticket: Int)
        case look(ticket: Int)
        case delete([Int64])
        case unpark([ParkedRow])
        case refreshSchemas([WireSchema])
    }

    enum Answer {
        case claimed([Claim], ticket: Int)
        case claimFailed(StoreFailure, ticket: Int)
        case restored(RestoredPartition)
        case restoreFailed(StoreFailure, TopicPartition, epoch: Int64)
        case written(ticket: Int, windows: Int, SimDatabase.Written)
        case unparked([ParkedRow], Result<[[HeldRecord]], StoreFailure>)
        /// How far the folder of schemas had come; nil if it could not be read.
        case schemas(stage: Int?, asked: [WireSchema])
        case fenced(ticket: Int)
        case pending(ticket: Int)
        case failed(StoreFailure, ticket: Int)
        case deleted([Int64])
        case deleteFailed
    }

    /// What befalls a request.
    enum Fate: Equatable {
        case fine
        /// Nothing of it reached PostgreSQL.
        case lost
        /// It was applied, and the answer did not come through.
        case replyLost
        /// The client gave up; so many microseconds later it is applied all the same.
        case late(after: Int64)
        case timedOut
        case refused
    }

    private let worker: SimWorker
    private unowned let world: World
    private var queue: [Request] = []
    private(set) var current: Request?
    private var answers: [Answer] = []
    private var restores: [TopicPartition: SimRestore] = [:]
    /// Epochs of the last claims, as in StoreDesk.
    private var claimed: [TopicPartition: Int64] = [:]
    private var isClosed = false

    init(worker: SimWorker, world: World) {
        self.worker = worker
        self.world = world
    }

    var words: String { "asked \(queue), under way \(current.map { "\($0)" } ?? "nothing"), \(answers.count) answers" }

    var isWriting: Bool { if case .write = current { true } else { false } }

    var isRestoring: Bool { if case .restore = current { true } else { false } }

    var isUnparking: Bool {
        (queue + [current].compactMap { $0 }).contains { if case .unpark = $0 { true } else { false } }
    }

    // MARK: The worker's side

    func send(_ request: Request) {
        if case .write = request {
            if holdsBatch {
                world.violate("worker \(worker.index) begins a commit while its store still has the last one")
            }
            if worker.core.failure != nil { world.violate("worker \(worker.index) writes although it has stopped") }
        }
        queue.append(request)
        serve()
    }

    /// The batch in the slot is, or will be, read by something asked before.
    private var holdsBatch: Bool {
        (queue + [current].compactMap { $0 }).contains { request in
            switch request {
            case .write, .look: true
            default: false
            }
        }
    }

    func takeAnswers() -> [Answer] {
        defer { answers = [] }
        return answers
    }

    func close() {
        isClosed = true
        queue = []
        answers = []
    }

    // MARK: Serving

    private func serve() {
        guard current == nil, !isClosed, !queue.isEmpty else { return }
        let urgent = queue.firstIndex { if case .restore = $0 { false } else { true } }
        let request = queue.remove(at: urgent ?? 0)
        current = request
        world.log("store \(worker.index) serves \(request)")
        switch request {
        case .claim(let wanted, let ticket):
            run(fate(isWrite: false)) { [world] in
                world.database.claim(wanted)
            } answer: { [self] result in
                switch result {
                case .success(let claims):
                    for id in wanted { restores[id] = nil }
                    for claim in claims { claimed[claim.id] = claim.epoch }
                    return .claimed(claims, ticket: ticket)
                case .failure(let failure):
                    world.note(.claimFailed)
                    return .claimFailed(failure, ticket: ticket)
                }
            } late: { [world] _ in
                world.note(.claimAppliedLate)
            }
        case .restore(let order): restore(order)
        case .write(let ticket): write(ticket)
        case .look(let ticket): look(ticket)
        case .delete(let ids):
            run(fate(isWrite: false)) { [world] in
                world.database.delete(ids)
            } answer: { result in
                if case .success = result { .deleted(ids) } else { .deleteFailed }
            } late: { _ in
            }
        case .unpark(let rows): unpark(rows)
        case .refreshSchemas(let names):
            world.schedule(in: world.dice.delay(mean: 2000), "folder") { [self] in
                let isUnreadable = !world.isHealed && world.dice.chance(world.shape.folderUnreadable)
                if isUnreadable { world.note(.folderUnreadable) }
                let stage = isUnreadable ? nil : world.folderStage
                reply(in: world.dice.delay(mean: 2000)) { .schemas(stage: stage, asked: names) }
            }
        }
    }

    private func unpark(_ rows: [ParkedRow]) {
        world.reads += 1
        var fate = fate(isWrite: false)
        if case .losesRead(let read) = world.intervention, read == world.reads { fate = .replyLost }
        run(fate) { [world] in
            world.database.records(of: rows)
        } answer: { [world] result in
            switch result {
            case .success(let records?): return .unparked(rows, .success(records))
            case .success(nil):
                world.note(.rowGone)
                let failure = StoreFailure(
                    message: "a row is gone", isPermanent: true, isTimeout: false, isForeign: true)
                return .unparked(rows, .failure(failure))
            case .failure(let failure): return .unparked(rows, .failure(failure))
            }
        } late: { _ in
        }
    }

    private func write(_ ticket: Int) {
        let transaction = worker.core.slot.with { batch in
            SimTransaction(batch, topology: world.topology, writtenAt: worker.wall)
        }
        world.writes += 1
        if let words = worker.witness.breaker.write(transaction.parts, worker.breaker) {
            world.violate("worker \(worker.index): \(words)")
        }
        var fate = fate(isWrite: true)
        switch world.intervention {
        case .losesReply(let write) where write == world.writes: fate = .replyLost
        case .appliesLate(let write, let after) where write == world.writes: fate = .late(after: after)
        default: break
        }
        if transaction.records > world.shape.tooLarge, !world.isHealed { fate = .timedOut }
        if case .late = fate { worker.hadLateWrite = true }
        run(fate) { [self] in
            let outcome = world.database.commit(transaction, by: worker.witness)
            switch outcome {
            case .fenced:
                world.log("write \(ticket) of worker \(worker.index) is fenced")
                world.note(.fencedWrite)
            case .committed:
                world.log("write \(ticket) of worker \(worker.index) is in: \(transaction.words)")
                if !worker.isAlive { world.note(.deadWriteApplied) }
                if !world.group.holds(worker.consumer?.id) { world.note(.zombieWrote) }
            }
            return outcome
        } answer: { result in
            switch result {
            case .success(.committed(let written)):
                .written(ticket: ticket, windows: transaction.deltas.count, written)
            case .success(.fenced): .fenced(ticket: ticket)
            case .failure(let failure): .failed(failure, ticket: ticket)
            }
        } late: { [world] outcome in
            if case .fenced = outcome { world.note(.fencedLateWrite) } else { world.note(.appliedLate) }
        }
    }

    private func look(_ ticket: Int) {
        let parts = worker.core.slot.with { batch in batch.parts }
        run(fate(isWrite: false)) { [world] in
            (
                world.database.fate(parts),
                SimDatabase.Written(
                    outbox: world.database.storedMessages(parts.map(\.id)),
                    parked: world.database.parkedRows(parts.map(\.id)))
            )
        } answer: { [world] result in
            switch result {
            case .success((.committed, let written)):
                world.note(.lookCommitted)
                if !written.parked.isEmpty { world.note(.rowsFoundByLook) }
                return .written(ticket: ticket, windows: 0, written)
            case .success((.pending, _)):
                world.note(.lookPending)
                return .pending(ticket: ticket)
            case .success((.foreign, _)):
                world.note(.lookForeign)
                return .fenced(ticket: ticket)
            case .failure(let failure): return .failed(failure, ticket: ticket)
            }
        } late: { _ in
        }
    }

    private func restore(_ order: RestoreOrder) {
        if order.epoch < claimed[order.id] ?? 0 {
            world.note(.oldRestoreDropped)
            current = nil
            return serve()
        }
        let restore: SimRestore
        if let known = restores[order.id], known.order.epoch == order.epoch {
            restore = known
        } else {
            restore = SimRestore(order, now: worker.wall, pageRows: world.shape.pageRows)
            restores[order.id] = restore
        }
        run(fate(isWrite: false)) { [world] in
            restore.readPage(world.database)
        } answer: { [self] result in
            switch result {
            case .success(let restored?):
                restores[order.id] = nil
                return .restored(restored)
            case .success(nil):
                world.note(.restoredInPages)
                queue.append(.restore(order))
                return nil
            case .failure(let failure):
                restores[order.id] = nil
                world.note(.restoreFailed)
                return .restoreFailed(failure, order.id, epoch: order.epoch)
            }
        } late: { _ in
        }
    }

    // MARK: Time and faults

    /// Applies something in the database at a moment of its own, and answers at another.
    private func run<Result>(
        _ fate: Fate, apply: @escaping () -> Result,
        answer: @escaping (Swift.Result<Result, StoreFailure>) -> Answer?, late: @escaping (Result) -> Void
    ) {
        let mean = world.now < world.slowUntil ? world.shape.latency * 20 + 50_000 : world.shape.latency
        let there = world.dice.delay(mean: mean / 2)
        let back = world.dice.delay(mean: mean / 2)
        switch fate {
        case .fine:
            world.schedule(in: there, "database") { [self] in
                let result = apply()
                reply(in: back) { answer(.success(result)) }
            }
        case .lost:
            world.note(.connectionLost)
            reply(in: there) { answer(.failure(Self.gone)) }
        case .replyLost:
            world.note(.replyLost)
            world.schedule(in: there, "database") { [self] in
                _ = apply()
                reply(in: back) { answer(.failure(Self.gone)) }
            }
        case .late(let after):
            reply(in: there) { answer(.failure(Self.gone)) }
            world.schedule(in: there + after, "database, late") { late(apply()) }
        case .timedOut:
            world.note(.timedOut)
            reply(in: there + 300_000) {
                answer(.failure(StoreFailure(message: "too slow", isPermanent: false, isTimeout: true)))
            }
        case .refused:
            world.note(.permanentFailure)
            reply(in: there) {
                answer(.failure(StoreFailure(message: "refused", isPermanent: true, isTimeout: false)))
            }
        }
    }

    private static let gone = StoreFailure(message: "connection lost", isPermanent: false, isTimeout: false)

    private func reply(in delay: Int64, _ answer: @escaping () -> Answer?) {
        worker.deliver(in: delay, "answer") { [self] in
            guard !isClosed else { return }
            if let answer = answer() { answers.append(answer) }
            current = nil
            worker.wake()
            serve()
        }
    }

    private func fate(isWrite: Bool) -> Fate {
        let shape = world.shape
        guard !world.isHealed else { return .fine }
        if world.now < world.databaseAwayUntil { return .lost }
        if world.dice.chance(shape.connectionLost) { return .lost }
        if world.dice.chance(shape.replyLost) { return .replyLost }
        if world.dice.chance(shape.late) { return .late(after: world.dice.delay(mean: 200_000)) }
        if world.dice.chance(shape.timeout) { return .timedOut }
        if world.dice.chance(shape.permanent) {
            worker.mayFail = true
            return .refused
        }
        return .fine
    }
}
