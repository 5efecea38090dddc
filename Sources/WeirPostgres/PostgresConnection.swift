// One connection to PostgreSQL: plain queries, and statements in a pipeline.

internal import CPostgres
internal import Glibc

/// Used by one thread. A statement's results are always in binary format.
public final class PostgresConnection {
    private let connection: OpaquePointer
    /// Seconds that a plain query waits for its result before the connection counts as dead; nil waits for ever.
    public var longestWait: Int?

    // Only its address is used, it is never written or read: sound to share.
    private nonisolated(unsafe) static let somewhere = UnsafePointer(UnsafeMutablePointer<CChar>.allocate(capacity: 1))

    /// Connects and waits for it, at most `connect_timeout` of the connection string (10 s if it has none).
    ///
    /// - Parameter string: `host=… dbname=…` or `postgresql://…` (PostgreSQL manual, 34.1.1).
    public init(_ string: String, applicationName: String = "weir") throws(PostgresError) {
        // `dbname` may be a whole connection string; what it sets wins over what stands before it.
        // A server that vanished without a word is noticed in half a minute, not in a quarter of an hour.
        let defaults = [
            ("connect_timeout", "10"), ("fallback_application_name", applicationName), ("keepalives_idle", "5"),
            ("keepalives_interval", "5"), ("keepalives_count", "3"), ("tcp_user_timeout", "30000"), ("dbname", string),
        ]
        let connection = Self.withCStrings(defaults.map(\.0)) { names in
            Self.withCStrings(defaults.map(\.1)) { values in PQconnectdbParams(names, values, 1) }
        }
        guard let connection else { throw .connection("out of memory") }
        guard PQstatus(connection) == CONNECTION_OK else {
            let message = String(cString: PQerrorMessage(connection))
            PQfinish(connection)
            throw .connection(Self.oneLine(message))
        }
        self.connection = connection
        PQsetnonblocking(connection, 1)
        PQsetNoticeProcessor(connection, { _, _ in }, nil)
    }

    deinit { PQfinish(connection) }

    // MARK: Plain queries

    /// Runs one statement and waits for its result.
    @discardableResult
    public func query(_ sql: String, _ parameters: Parameters = Parameters()) throws(PostgresError) -> ResultSet {
        try send(sql, parameters)
        var last: OpaquePointer?
        while let result = try wait() {
            PQclear(last)
            last = result
        }
        guard let last else { throw connectionError() }
        switch PQresultStatus(last) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK: return ResultSet(last)
        default:
            defer { PQclear(last) }
            throw error(of: last)
        }
    }

    /// Runs any number of statements without parameters, as a script, in one transaction unless it says otherwise.
    public func script(_ sql: String) throws(PostgresError) {
        guard PQsendQuery(connection, sql) == 1 else { throw connectionError() }
        var failure: PostgresError?
        while let result = try wait() {
            if PQresultStatus(result) == PGRES_FATAL_ERROR { failure = failure ?? error(of: result) }
            PQclear(result)
        }
        if let failure { throw failure }
    }

    /// The next result of the current statement, waiting for it.
    private func wait() throws(PostgresError) -> OpaquePointer? {
        while true {
            let unsent = try flush()
            if PQisBusy(connection) == 0 { return PQgetResult(connection) }
            try waitForServer(unsent: unsent)
        }
    }

    /// Waits until the server has sent something or, if anything is unsent, takes more; and reads what it has sent.
    private func waitForServer(unsent: Bool) throws(PostgresError) {
        var descriptor = pollfd(fd: socket, events: Int16(POLLIN) | (unsent ? Int16(POLLOUT) : 0), revents: 0)
        if poll(&descriptor, 1, longestWait.map { Int32($0 * 1000) } ?? -1) == 0 {
            throw .connection("no answer for \(longestWait ?? 0) s")
        }
        try receive()
    }

    // MARK: Pipeline

    /// From here to `endPipeline`, statements are sent without waiting for the results of earlier ones.
    public func beginPipeline() throws(PostgresError) {
        guard PQenterPipelineMode(connection) == 1 else { throw connectionError() }
    }

    public func endPipeline() throws(PostgresError) {
        guard PQexitPipelineMode(connection) == 1 else { throw connectionError() }
    }

    /// Queues a statement; `flush` puts it on the wire.
    public func send(_ sql: String, _ parameters: borrowing Parameters) throws(PostgresError) {
        let types = parameters.types
        try send(parameters) { count, values, lengths, formats in
            PQsendQueryParams(connection, sql, count, types, values, lengths, formats, 1)
        }
    }

    /// Queues a statement that was prepared under `name`.
    public func send(prepared name: String, _ parameters: borrowing Parameters) throws(PostgresError) {
        try send(parameters) { count, values, lengths, formats in
            PQsendQueryPrepared(connection, name, count, values, lengths, formats, 1)
        }
    }

    /// Parses a statement once, for `send(prepared:)`; waits for the server's word.
    public func prepare(_ name: String, _ sql: String, types: [UInt32]) throws(PostgresError) {
        guard PQsendPrepare(connection, name, sql, Int32(types.count), types) == 1 else { throw connectionError() }
        var failure: PostgresError?
        while let result = try wait() {
            if PQresultStatus(result) == PGRES_FATAL_ERROR { failure = error(of: result) }
            PQclear(result)
        }
        if let failure { throw failure }
    }

    private func send(
        _ parameters: borrowing Parameters,
        _ body: (Int32, [UnsafePointer<CChar>?], [Int32], [Int32]) -> Int32
    ) throws(PostgresError) {
        let extents = parameters.extents
        let sent = parameters.bytes.bytes.withUnsafeBytes { bytes -> Int32 in
            // An empty value needs some address: a null pointer would mean null.
            let base = bytes.baseAddress?.assumingMemoryBound(to: CChar.self) ?? Self.somewhere
            let values = extents.map { $0.length < 0 ? nil : Optional(base + $0.offset) }
            return body(
                Int32(extents.count), values, extents.map { Int32(max(0, $0.length)) },
                [Int32](repeating: 1, count: extents.count))
        }
        guard sent == 1 else { throw connectionError() }
        if parameters.bytes.count >= Self.muchToSend { while try flush() { try waitForServer(unsent: true) } }
    }

    /// Bytes of a statement's parameters after which the next statement waits until the server has taken this one. libpq
    /// moves all that it could not send to the front of its buffer each time it sends some: with 10 MB waiting that was
    /// half of what a commit's rows cost.
    private static let muchToSend = 1 << 15

    /// Asks the server to send what it has, without ending the pipeline's current part.
    public func requestResults() throws(PostgresError) {
        guard PQsendFlushRequest(connection) == 1 else { throw connectionError() }
    }

    /// Ends a part of the pipeline: after an error, statements up to here are skipped.
    public func sync() throws(PostgresError) {
        guard PQpipelineSync(connection) == 1 else { throw connectionError() }
    }

    public enum PipelineEvent: ~Copyable {
        case rows(ResultSet)
        case failed(PostgresError)
        /// Skipped, because an earlier statement of the part failed.
        case skipped
        case synced
    }

    /// The next thing that the server answers, waiting for it.
    ///
    /// - Throws: `PostgresError` if the connection is gone or says nothing for `longestWait`.
    public func nextEvent() throws(PostgresError) -> PipelineEvent {
        // One null result separates a statement's results from the next one's; two mean that nothing is due.
        var due = try wait()
        if due == nil { due = try wait() }
        guard let result = due else { throw .connection("no answer is due") }
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK: return .rows(ResultSet(result))
        case PGRES_PIPELINE_SYNC:
            PQclear(result)
            return .synced
        case PGRES_PIPELINE_ABORTED:
            PQclear(result)
            return .skipped
        default:
            let failure = error(of: result)
            PQclear(result)
            if PQstatus(connection) == CONNECTION_BAD { throw failure }
            return .failed(failure)
        }
    }

    /// The file descriptor to wait on for the server's answers.
    private var socket: Int32 { PQsocket(connection) }

    /// Sends what is queued; true if some of it has to wait until the socket takes more.
    private func flush() throws(PostgresError) -> Bool {
        let rest = PQflush(connection)
        guard rest >= 0 else { throw connectionError() }
        return rest == 1
    }

    /// Reads what the server has sent.
    private func receive() throws(PostgresError) {
        guard PQconsumeInput(connection) == 1 else { throw connectionError() }
    }

    public var isAlive: Bool { PQstatus(connection) == CONNECTION_OK }

    // MARK: -

    private func error(of result: OpaquePointer) -> PostgresError {
        func field(_ code: Character) -> String? {
            PQresultErrorField(result, Int32(code.asciiValue ?? 0)).map { String(cString: $0) }
        }
        guard let state = field("C") else {
            return .connection(Self.oneLine(String(cString: PQresultErrorMessage(result))))
        }
        let detail = field("D").map { ": \($0)" } ?? ""
        return PostgresError(sqlState: state, message: (field("M") ?? "") + detail)
    }

    private func connectionError() -> PostgresError {
        .connection(Self.oneLine(String(cString: PQerrorMessage(connection))))
    }

    /// libpq breaks its lines and begins them with tabs.
    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    private static func withCStrings<Result>(
        _ strings: [String], _ body: ([UnsafePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = strings.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies.map { UnsafePointer($0) } + [nil])
    }
}
