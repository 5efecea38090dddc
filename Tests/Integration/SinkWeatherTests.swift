// PostgreSQL away, full, slow, or reached through a network that drops everything after a second.

import Foundation
import Testing
import WeirBench
import WeirPostgres

struct SinkWeatherTests {
    enum Absence: CaseIterable {
        /// Sessions are cut and new ones refused.
        case stopped
        /// Nobody answers and nobody hangs up.
        case frozen
    }

    private static let smallBatches = "limits: { batch_records: 2000 }"
    /// A worker that stops polling is out of the group in less time than PostgreSQL is away.
    private static let strict = ["session.timeout.ms=3500", "heartbeat.interval.ms=300", "max.poll.interval.ms=4500"]

    @Test(arguments: Absence.allCases)
    func workersWaitForPostgresInTheirGroup(absence: Absence) throws {
        let server = try OwnPostgres()
        let topology = try TopologyCopy("topologies/billing-usage.yaml", adding: Self.smallBatches)
        let rig = try Rig(file: topology.file, database: TestDatabase(migratedOn: server))
        for name in ["a", "b"] { try rig.start(name, kafka: Self.strict) }
        try rig.waitUntilAllHavePartitions()
        let epochs = try owners(rig)
        // The first member has shared with the second.
        let before = Dictionary(uniqueKeysWithValues: rig.workers.map { ($0.name, departures($0)) })
        var isAway = false
        var back = false
        // Away for as long as it takes to send 18,000 records, 7.2 seconds.
        let options = rig.options(events: 24_000) { $0.rate = 2_500 }
        let expectation = try rig.produceRegardless(options) { sent in
            if !isAway, sent >= 4_000 {
                isAway = true
                if absence == .stopped { try server.stop() } else { server.freeze() }
            } else if !back, sent >= 22_000 {
                back = true
                if absence == .stopped { try server.start() } else { server.thaw() }
            }
        }
        try rig.reconnect()
        try rig.waitUntilProcessed()
        #expect(try owners(rig) == epochs, "no partition has changed hands")
        for worker in rig.workers {
            #expect(worker.text.contains("PostgreSQL is slower than the input; paused"), "\(worker.lastWords)")
            #expect(worker.text.contains("resumed"), "\(worker.lastWords)")
            #expect(departures(worker) == before[worker.name], "\(worker.lastWords)")
        }
        try rig.expectExact(expectation)
    }

    @Test func connectionsThatLiveOneSecondCostNothing() throws {
        let server = try OwnPostgres()
        let proxy = try LossyProxy(server: server.folder + "/.s.PGSQL.5432", lifetime: 1)
        proxy.isLossy = false
        defer { proxy.stop() }
        let rig = try Rig(database: TestDatabase(migratedOn: server))
        rig.workersDatabase = "host=\(proxy.folder) user=\(ThrowawayPostgres.user) dbname=weir"
        for name in ["a", "b"] { try rig.start(name) }
        let options = rig.options(events: 30_000) { $0.rate = 2_000 }
        let expectation = try rig.produceRegardless(options) { _ in }
        try rig.waitUntilProcessed()
        let logs = rig.workers.map(\.text).joined()
        try rig.expectExact(expectation)
        // Two workers and 15 s allow for 30 cuts; how many of them there are is up to the workers' pauses before they
        // connect again, which are longer on a busy machine.
        #expect(proxy.cutConnections >= 5, "too few for a test")
        #expect(logs.contains("commit failed, will be tried again"))
    }

    /// On a file system of 64 MiB if this is root, else with the error that PostgreSQL raises on a full one.
    @Test func aFullDiskStopsNothingForGood() throws {
        let server = try OwnPostgres()
        let disk = try? SmallDisk(in: server)
        defer { disk?.unmount() }
        let administration = try PostgresConnection(server.connectionString("postgres"))
        if let disk { try administration.query("CREATE TABLESPACE small LOCATION '\(disk.tables)'") }
        let clause = disk == nil ? "" : "TABLESPACE small"
        let rig = try Rig(database: TestDatabase(migratedOn: server, clause: clause))
        let worker = try rig.start("a")
        var isFull = false
        var processedWhenFull = 0
        let options = rig.options(events: 30_000) { $0.rate = 5_000 }
        let expectation = try rig.produceRegardless(options) { _ in
            guard !isFull, try rig.processed() > 0 else { return }
            isFull = true
            if let disk {
                try disk.fill()
            } else {
                try rig.connection.script(
                    """
                    CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
                        BEGIN RAISE 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
                    CREATE TRIGGER full_disk BEFORE INSERT ON weir.seen EXECUTE FUNCTION full_disk();
                    """)
            }
        }
        try waitUntil("a commit has failed for want of space") { worker.text.contains("53100") }
        processedWhenFull = try rig.processed()
        #expect(processedWhenFull < options.events ?? 0)
        if let disk { try disk.free() } else { try rig.connection.query("DROP TRIGGER full_disk ON weir.seen") }
        try rig.waitUntilProcessed()
        try rig.expectExact(expectation)
        #expect(expectation.deadLetters.isEmpty)
        // The server wants its tables when it stops.
        try server.stop()
    }

    /// Half a millisecond for each row of usage and half a second for a statement: only small batches go through.
    @Test func aBatchThatTakesTooLongIsReadAgainInSmallerOnes() throws {
        let topology = try TopologyCopy("topologies/billing-usage.yaml", adding: "limits: { batch_records: 1000 }")
        let rig = try Rig(file: topology.file)
        try rig.connection.script(
            """
            CREATE FUNCTION hurry() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN PERFORM set_config('statement_timeout', '500', true); RETURN NULL; END $$;
            CREATE TRIGGER hurry AFTER UPDATE ON weir.partition EXECUTE FUNCTION hurry();
            CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN PERFORM pg_sleep(0.001); RETURN NEW; END $$;
            CREATE TRIGGER dawdle BEFORE INSERT ON billing.usage FOR EACH ROW EXECUTE FUNCTION dawdle();
            """)
        let generator = try Generator(rig.options(events: 3_000), topology: rig.topology, schemas: rig.schemas)
        try rig.sendAll(generator)
        let worker = try rig.start("a", kafka: ["session.timeout.ms=3500", "heartbeat.interval.ms=300"])
        try rig.waitUntilProcessed()
        #expect(worker.text.contains("(57014)"), "\(worker.lastWords)")
        #expect(worker.text.contains("PostgreSQL cannot take a batch in time"), "\(worker.lastWords)")
        try rig.expectExact(generator.expectation)
    }

    /// As an analyst's forgotten transaction does it: nobody may write results until it ends.
    @Test func aLockedTableIsWaitedFor() throws {
        let rig = try Rig()
        let worker = try rig.start("a", kafka: Self.strict)
        try rig.waitUntilAllHavePartitions()
        let analyst = try rig.database.connect()
        var isLocked = false
        let options = rig.options(events: 10_000) { $0.rate = 5_000 }
        let expectation = try rig.produceRegardless(options) { sent in
            guard !isLocked, sent >= 2_000 else { return }
            isLocked = true
            try analyst.script("BEGIN; LOCK TABLE billing.usage IN SHARE MODE")
        }
        // Weir waits for a lock for 10 s, longer than its group waits for a member that does not poll.
        try waitUntil("a commit has failed for want of the lock") { worker.text.contains("(55P03)") }
        try analyst.script("COMMIT")
        try rig.waitUntilProcessed()
        #expect(departures(worker) == 0, "\(worker.lastWords)")
        try rig.expectExact(expectation)
    }

    private func departures(_ worker: WeirWorker) -> Int {
        worker.text.split(separator: "\n").count { $0.contains("gave up partitions") || $0.contains("lost partitions") }
    }

    private func owners(_ rig: Rig) throws -> [String] {
        try rig.connection.column(
            "SELECT topic || '/' || partition || ' ' || owner || ' ' || epoch FROM weir.partition ORDER BY 1")
    }
}

/// A file system in memory that a test can fill.
private struct SmallDisk {
    private let folder: String
    /// For a tablespace.
    let tables: String
    private var ballast: String { folder + "/ballast" }

    /// Throws unless this is root and may mount.
    init(in server: OwnPostgres) throws {
        folder = server.folder + "/disk"
        tables = folder + "/tables"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        _ = try Command.run("mount", "-t", "tmpfs", "-o", "size=64m", "weir-test", folder)
        try FileManager.default.createDirectory(atPath: tables, withIntermediateDirectories: true)
        try server.giveAway(folder)
        try server.giveAway(tables)
    }

    func fill() throws {
        try Data().write(to: URL(filePath: ballast))
        let file = try FileHandle(forWritingTo: URL(filePath: ballast))
        defer { try? file.close() }
        for size in [1 << 20, 4096] {
            let zeros = Data(count: size)
            while (try? file.write(contentsOf: zeros)) != nil {}
        }
    }

    func free() throws { try FileManager.default.removeItem(atPath: ballast) }

    /// Lazily: the server may still have files open there.
    func unmount() { _ = try? Command.run("umount", "--lazy", folder) }
}
