// How long a fault is felt, second by second.

import Testing
import WeirBench
import WeirCore

@Suite struct RecoveryTests {
    /// - Parameter p99: of the records due in each second, in milliseconds; nil is never.
    private func seconds(
        _ p99: [Double?], of faults: [Double], still: [(Double, Double)]? = nil, objective: Double = 100
    ) -> [Recovery] {
        let stretches = p99.enumerated().map { index, p99 in
            StretchResult(
                from: Double(index), seconds: 1, delivered: 10, done: 10, p50: p99, p99: p99, max: p99, missing: 0)
        }
        let marks = faults.map { FaultMark(at: $0, until: $0 + 1, words: "fault") }
        let standstills = still?.map { Standstill(topic: "t", partition: 0, from: $0.0, until: $0.1) }
        return Recovery.all(of: marks, stretches, standstills, objective: objective)
    }

    /// Catching up is what is left of a recovery when its last partition goes on.
    @Test func standingStillIsToldFromCatchingUp() {
        let found = seconds([20, 20, 900, 900, 500, 20], of: [2.5], still: [(2.4, 3.25), (2.25, 3.5), (0.25, 1.5)])
        #expect(found.map(\.standstill) == [1])
        #expect(found.map(\.afterwards) == [1.5])
        // Over before it went on, by the records due: those of the last moments of a standstill are soon done.
        #expect(seconds([20, 900, 20, 20], of: [1], still: [(1, 3)]).map(\.afterwards) == [0])
        #expect(seconds([20, 20, 20], of: [1], still: []).map(\.standstill) == [0])
        #expect(seconds([20, 20, 20], of: [1]).map(\.standstill) == [nil])
    }

    @Test func aStandstillEndsForAFaultWithTheNextOne() {
        let found = seconds([20, 900, 900, 900, 20], of: [1, 3], still: [(1, 3.5)])
        #expect(found.map(\.standstill) == [2, 0.5])
    }

    @Test func aFaultIsFeltUntilTheLastBadSecond() {
        let found = seconds([20, 20, 900, 500, 20, 20], of: [2.5])
        #expect(found.map(\.seconds) == [1.5])
        #expect(found[0].words == "1.5 s")
        #expect(seconds([20, 20, 20], of: [1]).map(\.seconds) == [0])
    }

    /// The second in which the next fault strikes is the next one's, though it begins before it.
    @Test func oneFaultIsNotChargedWithTheNext() {
        let found = seconds([20, 20, 20, 1019, 21, 20, 1028, 20], of: [3, 6.003])
        #expect(found[0].seconds == 1)
        #expect(abs((found[1].seconds ?? 0) - 0.997) < 1e-9)
    }

    @Test func whatDoesNotEndIsNoNumber() {
        #expect(seconds([20, 20, nil, nil], of: [2]).map(\.words) == ["not before the end"])
        #expect(seconds([20, 900, 900, 900, 20], of: [1, 3]).map(\.words) == ["not before the next fault", "1.0 s"])
        // Two in one second: nobody knows of the first.
        #expect(seconds([20, 900, 20], of: [1.2, 1.4]).map(\.words) == ["not before the next fault", "0.6 s"])
    }

    @Test func oneFaultIsNotEachOfOne() {
        func verdict(_ found: [Recovery]) -> String {
            Recovery.verdict(found, objective: "100 ms", session: .seconds(6))
        }
        #expect(
            verdict(seconds([20, 20, 900, 900, 20], of: [2], still: [(2, 3)]))
                == "p99 is within 100 ms again 2.0 s after the fault (session time-out 6s), and 1.0 s after its partitions went "
                + "on.")
        #expect(
            verdict(seconds([20, 900, 20, 900, 20], of: [1, 3]))
                == "After each of 2 faults p99 is within 100 ms again after 1.0 s at the most (session time-out 6s).")
        #expect(verdict(seconds([20, 900], of: [1])) == "The fault was not recovered from before the end of the run.")
        #expect(verdict(seconds([20, 900, 20, 900], of: [1, 3])).hasPrefix("1 of 2 faults was not recovered from"))
    }
}
