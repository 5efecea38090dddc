// PostgreSQL in trouble: connections cut in the middle of everything, and a right that is missing.

import Testing
import WeirBench
import WeirPostgres

struct OutageTests {
    /// Five seconds in which no connection lives longer than a tenth of a second.
    @Test func connectionsCutUnderLoadCostNothing() throws {
        let rig = try Rig()
        try rig.start("a")
        try rig.start("b")
        let administration = try rig.database.connect()
        let cut = """
            SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                AND application_name LIKE 'weir %' AND application_name <> 'weir tests' AND pg_terminate_backend(pid)
            """
        var dice = Dice()
        var end: ContinuousClock.Instant?
        var next = ContinuousClock.now
        var connections = 0
        let options = rig.options(events: 40_000) { $0.rate = 5_000 }
        let expectation = try rig.produce(options) { _ in
            guard .now >= next, end.map({ .now < $0 }) ?? true else { return }
            if end == nil {
                guard try rig.processed() > 0 else { return }
                end = .now + .seconds(5)
            }
            // Often in the middle of a commit, sometimes only after one or two that work.
            next = .now + .milliseconds(Int.random(in: 0...100, using: &dice))
            connections += Int(try administration.query(cut).int64(0, 0))
        }
        try rig.waitUntilProcessed()
        let logs = rig.workers.map(\.text).joined()
        try rig.expectExact(expectation, "WEIR_TEST_SEED=\(dice.seed)")
        #expect(connections > 10, "cut too few for a test")
        #expect(logs.contains("commit failed, will be tried again"))
    }

    @Test func aMissingRightEndsTheWorkerAndMovesNothing() throws {
        let rig = try Rig()
        let worker = try rig.start("refused")
        let first = try rig.produce(rig.options(events: 1_000))
        try rig.waitUntilProcessed()
        let before = try rig.fingerprint()
        try rig.connection.query("REVOKE INSERT ON billing.usage FROM weir_writer")
        let options = rig.options(events: 2_000) { $0.seed = 7 }
        let rest = try Generator(options, topology: rig.topology, schemas: rig.schemas)
        try rig.sendAll(rest)

        #expect(try worker.waitForEnd() == 70)
        #expect(worker.text.contains("permission denied for table usage (42501)"), "\(worker.lastWords)")
        #expect(worker.text.contains("No offset has moved"), "\(worker.lastWords)")
        #expect(try rig.fingerprint() == before)
        rig.forget(worker)

        try rig.connection.query("GRANT INSERT ON billing.usage TO weir_writer")
        try rig.start("allowed")
        try rig.waitUntilProcessed()
        #expect(try rig.stopAll() == [0])
        var counted = 0
        for counts in try rig.counters().values { counted += counts.unique }
        #expect(counted == first.counts.unique + rest.expectation.counts.unique)
        #expect(try rig.nextOffsets() == rig.inputEnds())
    }
}
