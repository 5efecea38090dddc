// A seed names a campaign's faults for good.

import Testing
import WeirBench

struct FaultScheduleTests {
    private let others: [FaultKind] = [.freeze, .restart, .cut, .crash, .refuse]

    @Test func theSameSeedMakesTheSameFaults() {
        let one = FaultSchedule(seed: 7, kills: 100, others: others, session: 3)
        #expect(one == FaultSchedule(seed: 7, kills: 100, others: others, session: 3))
        #expect(one != FaultSchedule(seed: 8, kills: 100, others: others, session: 3))
        // For good: a report's seed is worth something in a later version, too.
        #expect(one.faults.prefix(6).map(\.kind) == [.kill, .kill, .freeze, .refuse, .kill, .kill])
        #expect(one.faults[0].choice == 245_253_110)
    }

    @Test(arguments: [1, 2, 8, 100, 1000])
    func othersComeInProportion(_ kills: Int) {
        let all = FaultSchedule(seed: 1, kills: kills, others: others, session: 3)
        #expect(all.count(.kill) == kills)
        #expect(all.count(.freeze) == Int((Double(kills) * 0.15).rounded()))
        #expect(all.count(.crash) == Int((Double(kills) * 0.05).rounded()))
        #expect(all.faults.map(\.number) == Array(1...all.faults.count))
        let only = FaultSchedule(seed: 1, kills: kills, others: [], session: 3)
        #expect(only.faults.count == kills && only.count(.kill) == kills)
    }

    @Test func lengthsGoByTheSession() {
        for session in [1.0, 3, 45] {
            let faults = FaultSchedule(seed: 3, kills: 1000, others: others, session: session).faults
            // Always longer than the group's patience: a shorter sleep would be no fault at all.
            #expect(faults.allSatisfy { $0.kind != .freeze || (1.1 * session...3 * session).contains($0.length) })
            // Some are back before the group has noticed, some are not.
            let pauses = faults.filter { $0.kind == .kill }.map(\.length)
            #expect(pauses.contains { $0 < session / 2 } && pauses.contains { $0 > session })
            #expect(faults.contains { $0.afterRecovery } && faults.contains { !$0.afterRecovery })
            #expect(faults.allSatisfy { $0.wait >= 0.1 })
        }
    }
}
