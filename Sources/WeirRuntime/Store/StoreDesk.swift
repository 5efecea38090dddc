// Serves one request of a worker after another with one session of PostgreSQL.

internal import Tracing
internal import WeirCore
internal import WeirKafka
internal import WeirPostgres

/// Used by the store's thread alone.
final class StoreDesk {
    private let job: Job
    private let slot: BatchSlot
    private let owner: String
    private var session: DatabaseSession?
    private let writer: BatchWriter
    private var restores: [TopicPartition: Restore] = [:]
    /// The last claims: pages for an older epoch are wanted by nobody, and those for this one are a part of its trace.
    private var claimed: [TopicPartition: (epoch: Int64, context: ServiceContext)] = [:]

    init(job: Job, slot: BatchSlot, owner: String) {
        self.job = job
        self.slot = slot
        self.owner = owner
        writer = BatchWriter(job: job)
    }

    /// - Parameters:
    ///   - ask: puts a request into the queue: what takes long is done in parts.
    ///   - answer: called once, except for a request that goes on.
    func serve(_ request: Store.Request, ask: (Store.Request) -> Void, answer: (Store.Answer) -> Void) {
        switch request {
        case .stop: break
        case .claim(let wanted, let ticket):
            switch claim(wanted) {
            case .success(let claims): answer(.claimed(claims, ticket: ticket))
            case .failure(let error): answer(.claimFailed(error.failure, ticket: ticket))
            }
        case .restore(let order): restore(order, ask, answer)
        case .write(let ticket):
            let result = attempt { session in
                try self.slot.with { try self.writer.write($0, session: session) }
            }
            switch result {
            case .success(let committed):
                CrashPoint.reach(.afterCommit)
                answer(
                    .written(
                        ticket: ticket, windows: committed.windows, outbox: committed.outbox,
                        parked: committed.parked, time: committed.time))
            case .failure(let error) where error.isFenced: answer(.fenced(ticket: ticket))
            case .failure(let error): answer(.failed(error.failure, ticket: ticket))
            }
        case .look(let ticket): look(ticket, answer)
        case .unpark(let rows):
            let result = attempt { session in try ParkingLot.records(of: rows, session: session) }
            answer(.unparked(rows, result.mapError(\.failure)))
        case .delete(let ids):
            let result = attempt { session in
                var parameters = Parameters()
                parameters.addArray(.int8, of: ids) { $1.put($0) }
                try session.connection.query(Statement.deleteOutbox.sql(table: ""), parameters)
            }
            switch result {
            case .success: answer(.deleted(ids))
            case .failure(let error): answer(.deleteFailed(error.failure))
            }
        }
    }

    private func claim(_ wanted: [TopicPartition]) -> Result<[Claim], StoreError> {
        withSpan("weir.claim", ofKind: .client) { span in
            span.describe(job)
            span.attributes["weir.partitions"] = wanted.count
            let result = attempt { session in try Takeover.claim(wanted, job: self.job, session: session) }
            switch result {
            case .success(let claims):
                // Whatever was being restored is restored anew, under the new epoch.
                for id in wanted { restores.removeValue(forKey: id)?.abandon() }
                for claim in claims { claimed[claim.id] = (claim.epoch, span.context) }
            case .failure(let error): span.fail(error.failure)
            }
            return result
        }
    }

    private func look(_ ticket: Int, _ answer: (Store.Answer) -> Void) {
        // What the last session had under way is over once its successor sees the rows unlocked.
        session = nil
        let result = attempt { session in
            try self.slot.with { batch -> (BatchFate, [StoredMessages], [ParkedRow], Int) in
                let fate = try Takeover.fate(of: batch, job: self.job, session: session)
                guard fate == .committed else { return (fate, [], [], 0) }
                let stored = try Takeover.storedMessages(
                    of: batch.parts.map(\.id), job: self.job, session: session)
                var parked: [ParkedRow] = []
                for part in batch.parts {
                    parked += try ParkingLot.rows(of: part.id, job: self.job, session: session)
                }
                return (fate, stored, parked, batch.meters.deltas.count)
            }
        }
        switch result {
        case .success((.committed, let stored, let parked, let windows)):
            answer(.written(ticket: ticket, windows: windows, outbox: stored, parked: parked, time: nil))
        case .success((.pending, _, _, _)): answer(.pending(ticket: ticket))
        case .success((.foreign, _, _, _)): answer(.fenced(ticket: ticket))
        case .failure(let error): answer(.failed(error.failure, ticket: ticket))
        }
    }

    private func restore(
        _ order: RestoreOrder, _ ask: (Store.Request) -> Void, _ answer: (Store.Answer) -> Void
    ) {
        // Two orders for one partition would begin anew in turns, for ever.
        if order.epoch < claimed[order.id]?.epoch ?? 0 { return }
        let result = attempt { session -> RestoredPartition? in
            let restore = try self.restore(for: order, session)
            return try restore.readPage(job: self.job, session: session)
        }
        switch result {
        case .success(let restored?):
            restores[order.id] = nil
            answer(.restored(restored))
        case .success(nil):
            if let progress = restores[order.id]?.progress() { answer(.restoring(order.id, progress)) }
            ask(.restore(order))
        case .failure(let error):
            restores.removeValue(forKey: order.id)?.fail(error.failure)
            answer(.restoreFailed(error.failure, order.id, epoch: order.epoch))
        }
    }

    private func restore(for order: RestoreOrder, _ session: DatabaseSession) throws -> Restore {
        if let known = restores[order.id], known.order.epoch == order.epoch { return known }
        restores.removeValue(forKey: order.id)?.abandon()
        let new = try Restore(
            order, job: job, session: session, within: claimed[order.id]?.context ?? .topLevel)
        restores[order.id] = new
        return new
    }

    /// Runs a request in the session, or in a new one; drops the session if anything fails.
    private func attempt<Result>(_ body: (DatabaseSession) throws -> Result) -> Swift.Result<Result, StoreError> {
        do {
            let session = try openSession()
            return .success(try body(session))
        } catch {
            session = nil
            return .failure(StoreError(error))
        }
    }

    private func openSession() throws(PostgresError) -> DatabaseSession {
        if let session, session.connection.isAlive { return session }
        session = nil
        let new = try DatabaseSession(job, owner: owner)
        session = new
        return new
    }
}

/// Whatever went wrong with a request.
struct StoreError: Error {
    let failure: StoreFailure
    let isFenced: Bool

    init(_ error: any Error) {
        if let error = error as? PostgresError {
            isFenced = error.isFenced
            failure = StoreFailure(
                message: "\(error)", isPermanent: error.isPermanent, isTimeout: error.isTimeout,
                isSuperseded: error.isSuperseded)
        } else {
            isFenced = false
            failure = StoreFailure(
                message: "\(error)", isPermanent: true, isTimeout: false, isForeign: error is ParkingLot.RowGone)
        }
    }
}
