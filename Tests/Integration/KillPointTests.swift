// Workers that die at the named places of the protocol: another goes on, and nothing is lost or counted twice.

import Glibc
import Testing
import WeirBench
import WeirCore

struct KillPointTests {
    /// Each at a visit that has committed work before it and open work behind it.
    @Test(arguments: [
        ("after_decode", 3), ("inside_transaction", 3), ("after_commit", 1), ("after_commit", 4), ("in_revoke", 1),
        ("while_publishing", 1), ("while_publishing", 60),
    ])
    func aWorkerThatDiesThereLosesAndRepeatsNothing(point: String, times: Int) throws {
        // So that there are more commits than are counted, however late the victim gets to work.
        let topology = try TopologyCopy("topologies/billing-usage.yaml", adding: "limits: { batch_records: 1000 }")
        let rig = try Rig(file: topology.file)
        let short = ["session.timeout.ms=3500", "heartbeat.interval.ms=300"]
        let victim = try rig.start("victim", kafka: short, environment: ["WEIR_CRASH_AT": "\(point):\(times)"])
        // It is to end by itself.
        rig.forget(victim)
        // The heir's coming makes the victim give up partitions.
        let isTime = { point == "in_revoke" ? try rig.processed() > 0 : !victim.isRunning }
        var heir: WeirWorker?
        let options = rig.options(events: 12_000) { $0.rate = 3_000 }
        let expectation = try rig.produceRegardless(options) { _ in
            if heir == nil, try isTime() { heir = try rig.start("heir", kafka: short) }
        }
        if heir == nil {
            try waitUntil("it is the heir's time", isTime)
            heir = try rig.start("heir", kafka: short)
        }
        try victim.waitForEnd()
        #expect(victim.end == .signal(SIGKILL), "\(victim.lastWords)")
        #expect(victim.text.contains("crash point \(point)\n"), "\(victim.lastWords)")
        // All may be counted by now, and not all published.
        try waitUntil("the heir has taken over", seconds: 60) {
            heir?.text.contains("took over partitions") ?? false
        }
        try rig.expectExact(expectation, "\(point):\(times)")
    }
}
