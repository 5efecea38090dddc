// One transaction as a libpq pipeline: statements are sent ahead, answers are taken in order.

internal import WeirCore
internal import WeirPostgres

/// Answers that nobody waits for are checked when the next one that matters is taken.
struct CommitPipeline: ~Copyable {
    private let connection: PostgresConnection
    /// Of each answer that is due, oldest first: does it matter?
    private var due: [Bool] = []
    private var taken = 0
    private var parameters = Parameters()

    init(_ connection: PostgresConnection) throws {
        self.connection = connection
        try connection.beginPipeline()
    }

    mutating func send(_ sql: String) throws {
        try connection.send(sql, Parameters())
        due.append(false)
    }

    /// Sends a statement whose answer says nothing.
    mutating func send(_ statement: Statement, _ fill: (inout Parameters) -> Void) throws {
        try ask(statement, fill)
        due[due.count - 1] = false
    }

    /// Sends a statement whose answer is to be taken with `answer`.
    mutating func ask(_ statement: Statement, _ fill: (inout Parameters) -> Void) throws {
        parameters.removeAll()
        fill(&parameters)
        try connection.send(prepared: statement.rawValue, parameters)
        due.append(true)
    }

    /// The server sends what it has, so that it can be waited for.
    func requestAnswers() throws { try connection.requestResults() }

    /// The answer to the oldest `ask`, waiting for it.
    mutating func answer() throws -> ResultSet {
        while true {
            taken += 1
            let result = try next()
            if due[taken - 1] { return result }
        }
    }

    /// Commits, and takes all answers that are left.
    ///
    /// - Returns: microseconds from COMMIT to its answer.
    mutating func commit() throws -> Int64 {
        let begun = WallClock.monotonic()
        try connection.send("COMMIT", Parameters())
        due.append(true)
        try connection.sync()
        let result = try answer()
        guard result.commandTag == "COMMIT" else {
            throw PostgresError(sqlState: "25P02", message: "COMMIT became \(result.commandTag)")
        }
        guard case .synced = try connection.nextEvent() else {
            throw PostgresError(sqlState: "08P01", message: "an answer too many")
        }
        try connection.endPipeline()
        return WallClock.monotonic() - begun
    }

    private func next() throws -> ResultSet {
        switch try connection.nextEvent() {
        case .rows(let result): return result
        case .failed(let error): throw error
        case .skipped: throw PostgresError(sqlState: "25P02", message: "a statement was skipped")
        case .synced: throw PostgresError(sqlState: "08P01", message: "an answer is missing")
        }
    }
}
