// Asks PostgreSQL now and then how large it is and what waits in it, on a thread and a connection of its own.

internal import Synchronization
internal import WeirCore
internal import WeirKafka
internal import WeirObserve
internal import WeirPostgres

/// Without an answer the last view stays, with its age and the trouble.
final class DatabaseWatch: Sendable {
    private let job: Job
    private let state = Mutex<(view: DatabaseView?, problem: String?)>((nil, nil))
    private let stopping = Atomic(false)
    private let waker = Waker()

    /// Milliseconds between looks, and after one that had no answer.
    private static let interval: Int32 = 10_000
    private static let shortInterval: Int32 = 2000

    init(_ job: Job) { self.job = job }

    /// The last answer, and why there is no newer one; nil if there is.
    var latest: (view: DatabaseView?, problem: String?) { state.withLock { $0 } }

    func start() {
        NamedThread.start("weir-database") { [self] in
            while !stopping.load(ordering: .acquiring) {
                var pause = Self.interval
                do throws(PostgresError) {
                    let seen = try look()
                    state.withLock { $0 = (seen, nil) }
                } catch {
                    state.withLock { $0.problem = error.message }
                    pause = Self.shortInterval
                }
                waker.wait(milliseconds: pause)
            }
        }
    }

    func stop() {
        stopping.store(true, ordering: .releasing)
        waker.wake()
    }

    /// A connection for each look: it is short, and a session that idles between looks is one more to lose.
    private func look() throws(PostgresError) -> DatabaseView {
        let connection = try PostgresConnection(job.postgres, applicationName: "weir \(job.topology.name) watch")
        connection.longestWait = 10
        try connection.script("SET ROLE weir_writer; SET statement_timeout = '5s'; SET TimeZone = 'UTC';")
        var parameters = Parameters()
        parameters.add(job.topology.name)
        let outbox = try connection.query(
            """
            SELECT pg_database_size(current_database()), coalesce(sum(message_count), 0)::int8, min(created_at)
            FROM weir.outbox WHERE topology = $1::text
            """, parameters)
        // A standby has no write-ahead log of its own to measure from.
        let slots = try connection.query(
            """
            SELECT slot_name::text, (pg_current_wal_lsn() - restart_lsn)::int8, active FROM pg_replication_slots
            WHERE restart_lsn IS NOT NULL AND NOT pg_is_in_recovery() ORDER BY 1
            """)
        let claims = try connection.query(
            "SELECT topic, partition, epoch, owner FROM weir.partition WHERE topology = $1::text", parameters)
        return DatabaseView(
            bytes: outbox.int64(0, 0), outboxMessages: outbox.int64(0, 1),
            outboxSince: outbox.isNull(0, 2) ? nil : outbox.timestamp(0, 2),
            slots: (0..<slots.count).map {
                DatabaseView.Slot(
                    name: slots.text($0, 0), retainedBytes: slots.int64($0, 1), isActive: slots.bool($0, 2))
            },
            claims: (0..<claims.count).map {
                DatabaseView.Claim(
                    topic: claims.text($0, 0), partition: claims.int32($0, 1), epoch: claims.int64($0, 2),
                    owner: claims.text($0, 3))
            },
            askedAt: WallClock.now())
    }
}
