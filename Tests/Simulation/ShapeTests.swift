// Worlds of very different shape, with fixed seeds: what a random shape seldom has.

import Foundation
import Testing

@Suite(.serialized, .enabled(if: Replay.isOff)) struct ShapeTests {
    private let run: SimulationRun

    init() throws { run = SimulationRun(fixture: try Fixture()) }

    private func expect(_ shape: Shape, seeds: Int = 12, reaches happenings: [Happening]) async {
        let report = await run.run(count: seeds) { SimulationRun.Task(seed: UInt64($0 + 1), shape: shape) }
        for violation in report.violations { Issue.record(Comment(rawValue: violation.description)) }
        for happening in happenings {
            #expect(report.coverage[happening] > 0, "\(happening) never happened")
        }
    }

    @Test func nothingGoesWrong() async {
        await expect(Shape(), reaches: [.committed, .duplicate, .conflict, .deadLetter])
    }

    @Test func oneWorkerOnePartitionTinyBatches() async {
        var shape = Shape()
        shape.partitions = [1, 1]
        shape.workers = 1
        shape.batchRecords = 1
        shape.partitionRecords = 1
        shape.records = 80
        await expect(shape, reaches: [.committed, .partitionPaused])
    }

    /// Nobody is ever in the group for long, and PostgreSQL answers every third question.
    @Test func everythingAtOnce() async {
        var shape = Shape()
        shape.partitions = [3, 3]
        shape.workers = 4
        shape.rebalance = 500_000
        shape.crash = 700_000
        shape.stop = 1_500_000
        shape.cut = 1_500_000
        shape.clockJump = 500_000
        shape.connectionLost = 0.3
        shape.replyLost = 0.3
        shape.late = 0.3
        shape.holes = 0.3
        for isCooperative in [false, true] {
            shape.isCooperative = isCooperative
            await expect(shape, reaches: [.fencedWrite, .lookCommitted, .lookPending, .zombieWoke, .lostPartitions])
        }
    }

    @Test func postgresIsHopelesslySlow() async {
        var shape = Shape()
        shape.latency = 400_000
        shape.batchRecords = 8
        shape.partitionRecords = 6
        shape.pauseAfter = 50_000
        shape.settleTime = 100_000
        shape.rebalance = 2_000_000
        await expect(shape, reaches: [.paused, .resumed, .eventsOnly, .settleTimedOut])
    }

    /// What is lost is passed over, and the partition goes on although the others leave no pause.
    @Test func recordsAreLostUnderSteadyLoad() async {
        var shape = Shape()
        shape.workers = 1
        shape.records = 2500
        shape.busy = 60_000_000
        shape.latency = 250_000
        shape.batchRecords = 10
        shape.truncation = 4_000_000
        shape.continuesBehindGap = true
        shape.pageRows = 1000
        shape.longestStall = 10_000_000
        await expect(shape, seeds: 8, reaches: [.lostWithoutRecord])
    }
}
