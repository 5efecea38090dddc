// Worlds of very different shape, with fixed seeds: what a random shape seldom has.

import Foundation
import Testing
import WeirCore

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
            await expect(
                shape, seeds: 30,
                reaches: [.fencedWrite, .lookCommitted, .lookPending, .zombieWoke, .lostPartitions])
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
        // A transaction takes as long with few rows as with many, and is not told otherwise.
        shape.slowRows = 0
        shape.longestStall = 10_000_000
        await expect(shape, seeds: 8, reaches: [.lostWithoutRecord])
    }

    // MARK: What waits

    private static func quotas(_ over: Quotas.Excess) -> Quotas {
        Quotas(
            usual: Quota(eventsPerSecond: 20, bytesPerSecond: nil),
            organisations: ["o0": Quota(eventsPerSecond: 6, bytesPerSecond: nil)], burst: .seconds(1), over: over)
    }

    /// Others are written within their usual time, while what the flood brings waits.
    @Test func oneOrganisationFloodsAndOthersDoNotNotice() async {
        var shape = Shape()
        shape.partitions = [1, 1]
        shape.records = 400
        shape.busy = 30_000_000
        shape.hot = 0.8
        shape.quotas = Self.quotas(.delay)
        shape.longestLag = 1_500_000
        await expect(shape, reaches: [.parkedForQuota, .unparkedForQuota, .passedABacklog])
    }

    /// Nothing lives for long, and half of all records wait.
    @Test func whatWaitsMovesAllTheTime() async {
        var shape = Shape()
        shape.partitions = [2, 2]
        shape.hot = 0.6
        shape.quotas = Self.quotas(.delay)
        shape.newSchemas = 0.3
        shape.knownAt = [5_000_000, 9_000_000]
        shape.schemaDeadline = 4_000_000
        shape.rebalance = 700_000
        shape.crash = 1_200_000
        shape.stop = 3_000_000
        shape.clockJump = 1_000_000
        shape.connectionLost = 0.1
        shape.replyLost = 0.1
        shape.late = 0.1
        shape.holes = 0.2
        for isCooperative in [false, true] {
            shape.isCooperative = isCooperative
            await expect(
                shape, seeds: 100,
                reaches: [
                    .rowsAdopted, .rowsFoundByLook, .unparkFailed, .unparkIgnored,
                    .revokedWhileUnparking, .schemaGivenUp, .unparkedForSchema,
                ])
        }
    }

    @Test func whatIsOverAQuotaIsDiverted() async {
        var shape = Shape()
        shape.hot = 0.8
        shape.quotas = Self.quotas(.divert)
        shape.crash = 2_000_000
        shape.replyLost = 0.1
        await expect(shape, reaches: [.diverted, .lookCommitted])
    }

    /// Nothing of a partition can be decoded: it is read no further than so many records.
    @Test func nothingCanBeDecoded() async {
        var shape = Shape()
        shape.newSchemas = 1
        shape.knownAt = [12_000_000, 14_000_000]
        shape.schemaDeadline = 20_000_000
        shape.mostSchemaRecords = 5
        shape.crash = 3_000_000
        await expect(shape, reaches: [.heldForSchemas, .schemaFound, .unparkedForSchema])
    }

    /// More ids than are waited for: bytes that somebody made up.
    @Test func schemaIDsAreMadeUp() async {
        var shape = Shape()
        shape.madeUpSchemas = 0.5
        shape.madeUpIDs = 40
        shape.mostSchemaWaits = 4
        shape.schemaDeadline = 1_000_000
        shape.rebalance = 2_000_000
        await expect(shape, reaches: [.unknownAtOnce, .schemaGivenUp])
    }

    /// Most of what is read waits, and most of the rest is bad: the share that counts is that of the rest.
    @Test func theBreakerCountsWhatIsDecided() async {
        var shape = Shape()
        shape.partitions = [1, 1]
        shape.workers = 1
        shape.records = 200
        shape.busy = 5_000_000
        shape.hot = 0.9
        shape.quotas = Self.quotas(.delay)
        shape.breaker = BreakerPolicy(deadLetterPercent: 40, over: 10)
        shape.poison = 0.25
        await expect(shape, seeds: 6, reaches: [.breakerTripped, .parkedForQuota])
    }
}
