// The commit protocol: one transaction per batch, sent as a pipeline, never waited for.

internal import Logging
internal import WeirAvro
internal import WeirCore
internal import WeirKafka
internal import WeirPostgres

/// Writes batches. `begin` starts one, `work` drives it on whenever the socket has news.
///
/// Every failure leads to the same place: the session is dropped (so PostgreSQL rolls back whatever was
/// not committed), and after a pause a new one looks at the partitions' rows. They say whether the batch
/// is in (a COMMIT whose reply was lost), still to be written, or somebody else's business now.
final class Committer {
    enum Outcome {
        case committed(Committed)
        /// A partition of the batch has another owner: nothing was written, nothing ever will be.
        case fenced
    }

    struct Committed {
        var outbox: [StoredMessages]
        /// Usage rows written.
        var windows: Int
    }

    enum Phase: Equatable {
        case idle
        /// New members of unique meters are being counted.
        case members
        case writes
        case commit
        /// The session is gone; a new one is tried at this time of the monotonic clock.
        case retry(at: Int64)
    }

    enum Answer {
        case nothing
        case members
        /// Of these deltas; number n of the rows is entry n of the list, from 1.
        case previous([Int])
        /// Of these deltas, in this order.
        case usage([Int])
        case outbox
        case commit
    }

    let job: Job
    let logger: Logger
    var session: DatabaseSession?
    var phase = Phase.idle
    var unsent = false
    /// The batch being committed.
    var batch: OpenBatch
    /// Rows of weir.outbox to delete along with it.
    private(set) var deleting: [Int64] = []
    private var attempt = 0
    /// When the batch was sent last, on the monotonic clock.
    var sentAt: Int64 = 0

    /// Without an answer for longer than this the connection counts as dead. Above the statement time-out.
    static let longestSilence: Int64 = 60_000_000
    var answers: [Answer] = []
    var nextAnswer = 0
    var now: Int64 = 0

    // What the steps find out, in the order they need it.
    var uniqueCounts: [Int32: Int64] = [:]
    var previousQuantities: [Int: Int128] = [:]
    var rows: [(delta: Int, row: UsageRow)] = []
    var messages: [(source: TopicPartition, list: [OutboxMessage])] = []
    var outbox: [StoredMessages] = []
    var parameters = Parameters()
    var writer = AvroWriter()

    init(job: Job, session: DatabaseSession, secret: Hash128, logger: Logger) {
        self.job = job
        self.session = session
        self.logger = logger
        batch = OpenBatch(secret: secret, table: job.topology.outputs.table)
    }

    var socket: Int32? { session?.connection.socket }

    /// The session, for reading between commits; nil while PostgreSQL is away.
    var idleSession: DatabaseSession? { phase == .idle ? session : nil }

    // MARK: Driving

    /// Starts to write `batch`, which the caller has filled.
    func begin(deleting ids: [Int64]) throws {
        precondition(phase == .idle, "one batch at a time")
        deleting = ids
        attempt = 0
        try guarded { try self.send() }
    }

    /// Goes on as far as it can without waiting. Nil while the batch is under way.
    func work() throws -> Outcome? {
        if case .retry(let at) = phase {
            guard WallClock.monotonic() >= at else { return nil }
            return try recover()
        }
        guard phase != .idle, let connection = session?.connection else { return nil }
        var outcome: Outcome?
        try guarded {
            guard WallClock.monotonic() - self.sentAt < Self.longestSilence else {
                throw PostgresError(sqlState: "08006", message: "no answer for \(Self.longestSilence / 1_000_000) s")
            }
            self.unsent = try connection.flush()
            try connection.receive()
            while outcome == nil, self.phase != .idle, let event = try connection.nextEvent() {
                outcome = try self.take(event)
            }
        }
        return outcome
    }

    /// Forgets the batch. Its transaction, if there is one, is rolled back with the session.
    func abandon() {
        if phase != .idle { session = nil }
        phase = .idle
        reset()
        batch.removeAll()
    }

    /// A session, made anew if the last one was dropped.
    func openSession() throws(PostgresError) -> DatabaseSession {
        precondition(phase == .idle, "between commits only")
        if let session, session.connection.isAlive { return session }
        session = nil
        let new = try DatabaseSession(job)
        session = new
        return new
    }

    /// Drops the session after an error outside a commit.
    func dropSession() {
        if phase == .idle { session = nil }
    }

    // MARK: Failure

    private func guarded(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as PostgresError {
            try fail(error)
        }
    }

    private func fail(_ error: PostgresError) throws {
        session = nil
        if error.isPermanent {
            throw WeirError(
                .bug, "PostgreSQL refuses a batch of \(job.topology.name): \(error)",
                advice: "No offset has moved. \(describeBatch())")
        }
        let delay = Backoff.delay(attempt: attempt)
        attempt += 1
        phase = .retry(at: WallClock.monotonic() + delay)
        logger.warning(
            "commit failed, will be tried again",
            metadata: ["error": "\(error)", "attempt": "\(attempt)", "in_ms": "\(delay / 1000)"])
    }

    private func describeBatch() -> String {
        batch.progress.map { progress in
            "\(batch.partitions[progress.partition].id) \(progress.fromOffset ?? 0)..<\(progress.nextOffset)"
        }.joined(separator: ", ")
    }

    private func recover() throws -> Outcome? {
        var outcome: Outcome?
        try guarded {
            let session = try DatabaseSession(self.job)
            self.session = session
            switch try self.stateOfBatch(session) {
            case .committed:
                let stored = try Assignment.storedMessages(
                    of: self.batch.partitions.map(\.id), job: self.job, connection: session.connection)
                outcome = .committed(Committed(outbox: stored, windows: self.batch.meters.deltas.count))
                self.phase = .idle
                self.reset()
            case .pending: try self.send()
            case .foreign: outcome = self.fence()
            }
        }
        return outcome
    }

    private enum BatchState {
        case committed, pending, foreign
    }

    private func stateOfBatch(_ session: DatabaseSession) throws -> BatchState {
        var parameters = Parameters()
        parameters.add(job.topology.name)
        parameters.addArray(.text, of: batch.partitions) { $1.put($0.id.topic) }
        parameters.addArray(.int4, of: batch.partitions) { $1.put($0.id.partition) }
        let rows = try session.connection.query(
            """
            SELECT p.epoch, p.next_offset
            FROM unnest($2::text[], $3::int4[]) WITH ORDINALITY AS i(topic, partition, number)
            JOIN weir.partition p ON p.topology = $1::text AND p.topic = i.topic AND p.partition = i.partition
            ORDER BY i.number
            """, parameters)
        guard rows.count == batch.partitions.count else { return .foreign }
        var written = 0
        for row in 0..<rows.count {
            guard rows.int64(row, 0) == batch.partitions[row].epoch else { return .foreign }
            let next = rows.isNull(row, 1) ? nil : rows.int64(row, 1)
            if next == batch.progress[row].nextOffset {
                written += 1
            } else if next != batch.progress[row].fromOffset {
                return .foreign
            }
        }
        return written > 0 ? .committed : .pending
    }

    func fence() -> Outcome {
        session = nil
        phase = .idle
        reset()
        return .fenced
    }

    func connection() throws(PostgresError) -> PostgresConnection {
        guard let session else { throw PostgresError(sqlState: "08003", message: "no session") }
        return session.connection
    }

    func reset() {
        answers.removeAll(keepingCapacity: true)
        nextAnswer = 0
        uniqueCounts.removeAll()
        previousQuantities.removeAll()
        rows.removeAll(keepingCapacity: true)
        messages.removeAll(keepingCapacity: true)
        outbox = []
        unsent = false
    }
}
