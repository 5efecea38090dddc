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
        // As fast as can be: the sleeper has thousands of records in its hands.
        let expectation = try rig.produce(rig.options(events: 60_000), lead: 40_000) { _ in
            guard heir == nil, try rig.processed() > 0 else { return }
            try suspendBetweenCommits(sleeper, rig)
            processedBefore = try rig.processed()
            heir = try rig.start("heir")
        }
        let heirID = try #require(heir).processID
        try waitUntil("the heir has taken over and gone on") {
            try rig.processed() > processedBefore && owners(rig) == ["\(heirID)"]
        }
        sleeper.resume()
        try rig.waitUntilProcessed()
        try waitUntil("the sleeper notices") {
            sleeper.text.contains("another worker owns a partition") || sleeper.text.contains("lost partitions")
        }
        try rig.expectExact(expectation, hasZombie: true)
    }

    /// Two groups, so that Kafka gives every partition to both: only the epochs in PostgreSQL keep them apart.
    @Test func ofTwoOwnersAtOnceOneWrites() throws {
        let copy = try TopologyCopy("topologies/billing-usage.yaml") {
            $0.replacing("group: weir.billing-usage", with: "group: weir.another-group")
        }
        let rig = try Rig()
        let first = try rig.start("first")
        var second: WeirWorker?
        let options = rig.options(events: 60_000) { $0.rate = 5_000 }
        let expectation = try rig.produce(options, lead: 40_000) { _ in
            guard second == nil, try rig.processed() > 0 else { return }
            second = try rig.start("second", file: copy.file)
        }
        // Each takes the partitions from the other for as long as there are both and something to write.
        let fenced = "another worker owns a partition"
        #expect(first.text.contains(fenced), "\(first.lastWords)")
        #expect(try rig.stop(#require(second)) == 0)
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
                    SELECT CASE WHEN wait_event = 'ClientWrite' THEN 'stuck' ELSE state END FROM pg_stat_activity WHERE datname = current_database()
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
