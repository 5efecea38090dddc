// A worker that the group gave up, and that does not know it.

import Testing
import WeirBench
import WeirCore
import WeirPostgres

struct ZombieTests {
    /// It stands still with records in its hands until another has taken over and gone on; then it wakes up.
    @Test func aWorkerThatWakesUpTooLateWritesNothing() throws {
        let rig = try Rig()
        let sleeper = try rig.start("sleeper")
        var heir: WeirWorker?
        var processedBefore = 0
        var isAwake = false
        let options = rig.options(events: 60_000) { $0.rate = 8_000 }
        let expectation = try rig.produce(options, lead: 30_000) { _ in
            guard let worker = heir else {
                guard try rig.processed() > 2_000 else { return }
                try suspendBetweenCommits(sleeper, rig)
                processedBefore = try rig.processed()
                heir = try rig.start("heir")
                return
            }
            guard !isAwake, try rig.processed() > processedBefore, try owners(rig) == ["\(worker.processID)"] else {
                return
            }
            sleeper.resume()
            isAwake = true
        }
        #expect(isAwake)
        try rig.waitUntilProcessed()
        #expect(
            sleeper.text.contains("another worker owns a partition") || sleeper.text.contains("lost partitions"),
            "\(sleeper.lastWords)")
        try rig.expectExact(expectation, hasZombie: true)
    }

    private func owners(_ rig: Rig) throws -> [String] {
        try rig.connection.column("SELECT DISTINCT split_part(owner, '/', 2) FROM weir.partition")
    }

    /// Not in the middle of a transaction, which would hold its rows and make the next owner wait for a minute.
    private func suspendBetweenCommits(_ worker: WeirWorker, _ rig: Rig) throws {
        try waitUntil("the worker is between commits") {
            worker.suspend()
            // What it sent last may still be under way.
            var states: [String] = []
            try waitUntil("its connection is settled") {
                states = try rig.connection.column(
                    """
                    SELECT state FROM pg_stat_activity WHERE datname = current_database()
                        AND application_name = 'weir \(rig.topology.name)'
                    """)
                return !states.contains("active")
            }
            if states.allSatisfy({ $0 == "idle" }) { return true }
            worker.resume()
            return false
        }
    }
}
