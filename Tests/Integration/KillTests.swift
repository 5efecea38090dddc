// Workers that die in the middle, many times: the results are exact all the same.

import Testing
import WeirBench

struct KillTests {
    @Test func killedWorkersLoseAndRepeatNothing() throws {
        let rig = try Rig()
        var dice = Dice()
        for name in ["a", "b"] { try rig.start(name, instance: name) }
        let events = 40_000
        // Killed once so many records are sent, at moments that no commit knows of.
        var kills = (1...4).map { _ in Int.random(in: events / 20..<events, using: &dice) }.sorted()
        let expectation = try rig.produce(rig.options(events: events) { $0.seed = dice.seed }, lead: 5_000) { sent in
            guard let next = kills.first, sent >= next else { return }
            kills.removeFirst()
            let victim = rig.workers[Int.random(in: 0..<rig.workers.count, using: &dice)]
            try rig.kill(victim)
            try rig.start(victim.name, instance: victim.name)
        }
        #expect(kills.isEmpty)
        try rig.expectExact(expectation, "WEIR_TEST_SEED=\(dice.seed)")
    }
}
