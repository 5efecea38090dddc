// When a partition is paused, and how large a batch may be.

import Testing
import WeirRuntime

@Suite struct BoundsTests {
    private static let pressure = BackPressure(high: .init(records: 100, bytes: 1000))

    @Test(arguments: [
        // Read: up to the high mark.
        (0, 0, false, false), (99, 999, false, false), (100, 0, false, true), (0, 1000, false, true),
        // Paused: until it is below the low one, in both.
        (99, 0, true, true), (50, 0, true, true), (49, 0, true, false), (49, 500, true, true), (49, 499, true, false),
        (0, 0, true, false),
    ])
    func twoMarks(records: Int, bytes: Int, isPaused: Bool, pauses: Bool) {
        let load = BackPressure.Load(records: records, bytes: bytes)
        #expect(Self.pressure.pauses(load, isPaused: isPaused, isHeld: false, isWorkerFull: false) == pauses)
        #expect(Self.pressure.pauses(load, isPaused: isPaused, isHeld: true, isWorkerFull: false))
        #expect(Self.pressure.pauses(load, isPaused: isPaused, isHeld: false, isWorkerFull: true))
    }

    /// Half of one is nothing, which nothing is below.
    @Test func aPartitionWithNothingHeldIsAlwaysRead() {
        let pressure = BackPressure(high: .init(records: 1, bytes: 1))
        #expect(pressure.pauses(.init(records: 1, bytes: 1), isPaused: false, isHeld: false, isWorkerFull: false))
        #expect(!pressure.pauses(.init(), isPaused: true, isHeld: false, isWorkerFull: false))
    }

    @Test func aSlowBatchHalvesTheLimitAndQuickOnesBringItBack() {
        var limit = BatchLimit(most: 10_000)
        limit.committed(records: 10_000, in: BatchLimit.target + 1, openedAt: 0, at: 1)
        #expect(limit.records == 5000)
        // Those that were open then were filled up to the old bound.
        limit.committed(records: 1000, in: BatchLimit.target + 1, openedAt: 0, at: 2)
        #expect(limit.records == 5000)
        limit.committed(records: 1000, in: BatchLimit.target + 1, openedAt: 1, at: 2)
        #expect(limit.records == 500)
        // A small batch that was quick says nothing about large ones.
        limit.committed(records: 10, in: 1, openedAt: 3, at: 4)
        #expect(limit.records == 500)
        limit.committed(records: 500, in: BatchLimit.target, openedAt: 3, at: 4)
        #expect(limit.records == 626)
        for _ in 0..<100 { limit.committed(records: limit.records, in: 1, openedAt: 3, at: 4) }
        #expect(limit.records == 10_000)
    }

    @Test(arguments: [1, 10, 64, 1000])
    func itNeverFallsBelowItsLeast(most: Int) {
        var limit = BatchLimit(most: most)
        for time in 0..<50 {
            limit.timedOut(records: limit.records, at: Int64(time))
            #expect((min(BatchLimit.least, most)...most).contains(limit.records))
        }
        #expect(limit.records == min(BatchLimit.least, most))
        limit.committed(records: limit.records, in: 1, openedAt: 3, at: 4)
        #expect(limit.records <= most)
    }
}
