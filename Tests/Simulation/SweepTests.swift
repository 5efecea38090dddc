// One small world, run again and again: each time one thing goes wrong, one step later.

import Foundation
import Testing

@Suite(.serialized, .enabled(if: Replay.isOff)) struct SweepTests {
    private let run: SimulationRun

    init() throws { run = SimulationRun(fixture: try Fixture()) }

    private static func shape(cooperative: Bool) -> Shape {
        var shape = Shape()
        shape.partitions = [1, 2]
        shape.workers = 2
        shape.records = 60
        shape.busy = 3_000_000
        shape.batchRecords = 6
        shape.partitionRecords = 4
        shape.holes = 0.1
        shape.longestHole = 2
        shape.sessionTimeout = 600_000
        shape.rebalanceTimeout = 1_500_000
        shape.isCooperative = cooperative
        return shape
    }

    /// - Parameter interventions: of a world that took so many steps, and began so many transactions.
    private func sweep(
        _ name: String, cooperative: Bool, _ interventions: (_ steps: Int, _ writes: Int) -> [Intervention]
    ) async {
        for seed in UInt64(1)...2 {
            let shape = Self.shape(cooperative: cooperative)
            let calm = run.one(SimulationRun.Task(seed: seed, shape: shape))
            let list = interventions(calm.steps, calm.writes)
            let report = await run.run(count: list.count) {
                SimulationRun.Task(seed: seed, shape: shape, intervention: list[$0])
            }
            print("simulation: \(name), \(report.worlds) worlds, \(report.coverage[.fencedWrite]) writes fenced")
            for violation in calm.violations + report.violations {
                Issue.record(Comment(rawValue: "\(name), cooperative \(cooperative): \(violation)"))
            }
        }
    }

    @Test(arguments: [false, true]) func crashAtEveryStep(cooperative: Bool) async {
        await sweep("crash at every step", cooperative: cooperative) { steps, _ in
            (1...steps).map { .crash(step: $0) }
        }
    }

    @Test(arguments: [false, true]) func rebalanceAtEveryStep(cooperative: Bool) async {
        await sweep("rebalance at every step", cooperative: cooperative) { steps, _ in
            (1...steps).map { .rebalance(step: $0) }
        }
    }

    /// Longer than the session: it wakes as a zombie.
    @Test(arguments: [false, true]) func stopAtEveryStep(cooperative: Bool) async {
        await sweep("stop at every step", cooperative: cooperative) { steps, _ in
            (1...steps).map { .stops(step: $0, for: 1_200_000) }
        }
    }

    @Test(arguments: [false, true]) func lostReplyAtEveryCommit(cooperative: Bool) async {
        await sweep("lost reply at every commit", cooperative: cooperative) { _, writes in
            (1...writes).map { .losesReply(write: $0) }
        }
    }

    @Test(arguments: [false, true]) func lateCommitAtEveryCommit(cooperative: Bool) async {
        await sweep("commit applied late", cooperative: cooperative) { _, writes in
            (1...writes).flatMap { write in
                [1000, 20_000, 60_000, 300_000].map { .appliesLate(write: write, after: $0) }
            }
        }
    }
}
