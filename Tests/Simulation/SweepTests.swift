// One small world, run again and again: each time one thing goes wrong, one step later.

import Foundation
import Testing
import WeirCore

@Suite(.serialized, .enabled(if: Replay.isOff)) struct SweepTests {
    /// What the small world's topology does.
    enum Policy: CaseIterable, Sendable {
        case none
        /// One organisation sends more than its quota, which waits.
        case quota
        /// A schema becomes known while records wait for it, another never does.
        case schema
    }

    private let run: SimulationRun

    init() throws { run = SimulationRun(fixture: try Fixture()) }

    private static func shape(_ policy: Policy, cooperative: Bool) -> Shape {
        var shape = Shape()
        shape.partitions = [1, 2]
        shape.workers = 2
        shape.records = policy == .none ? 60 : 40
        shape.busy = policy == .none ? 3_000_000 : 2_000_000
        shape.batchRecords = 6
        shape.partitionRecords = 4
        shape.holes = 0.1
        shape.longestHole = 2
        shape.sessionTimeout = 600_000
        shape.rebalanceTimeout = 1_500_000
        shape.isCooperative = cooperative
        switch policy {
        case .none: break
        case .quota:
            shape.hot = 0.6
            shape.quotas = Quotas(
                usual: Quota(eventsPerSecond: 5, bytesPerSecond: nil), burst: .seconds(1), over: .delay)
        case .schema:
            shape.newSchemas = 0.4
            shape.knownAt = [1_000_000, .max]
            shape.schemaDeadline = 800_000
            shape.schemaRetryFirst = 100_000
            shape.schemaRetryLongest = 400_000
        }
        return shape
    }

    /// - Parameter interventions: of a world that took so many steps, began so many transactions, and read weir.parked so
    ///   often.
    private func sweep(
        _ name: String, _ policy: Policy, cooperative: Bool, seeds: UInt64? = nil,
        expecting happening: Happening? = nil, _ interventions: (_ calm: SimulationRun.Report) -> [Intervention]
    ) async {
        var coverage = Coverage()
        for seed in UInt64(1)...(seeds ?? (policy == .none ? 2 : 1)) {
            let shape = Self.shape(policy, cooperative: cooperative)
            let calm = run.one(SimulationRun.Task(seed: seed, shape: shape))
            let list = interventions(calm)
            let report = await run.run(count: list.count) {
                SimulationRun.Task(seed: seed, shape: shape, intervention: list[$0])
            }
            print(
                "simulation: \(name), \(policy), \(report.worlds) worlds, \(report.coverage[.fencedWrite]) writes fenced"
            )
            for violation in calm.violations + report.violations {
                Issue.record(Comment(rawValue: "\(name), \(policy), cooperative \(cooperative): \(violation)"))
            }
            coverage.add(report.coverage)
        }
        if let happening { #expect(coverage[happening] > 0, "\(happening) never happened") }
        switch policy {
        case .none: break
        case .quota: #expect(coverage[.unparkedForQuota] > 0)
        case .schema: #expect(coverage[.unparkedForSchema] > 0 && coverage[.schemaGivenUp] > 0)
        }
    }

    @Test(arguments: Policy.allCases, [false, true]) func crashAtEveryStep(policy: Policy, cooperative: Bool) async {
        let happening: Happening? = policy == .none ? nil : .crashWhileUnparking
        await sweep("crash at every step", policy, cooperative: cooperative, expecting: happening) { calm in
            (1...calm.steps).map { .crash(step: $0) }
        }
    }

    @Test(arguments: Policy.allCases, [false, true]) func rebalanceAtEveryStep(policy: Policy, cooperative: Bool) async
    {
        let happening: Happening? = policy == .none ? nil : .revokedWhileUnparking
        await sweep("rebalance at every step", policy, cooperative: cooperative, seeds: 3, expecting: happening) {
            calm in
            (1...calm.steps).map { .rebalance(step: $0) }
        }
    }

    /// Longer than the session: it wakes as a zombie.
    @Test(arguments: Policy.allCases, [false, true]) func stopAtEveryStep(policy: Policy, cooperative: Bool) async {
        await sweep("stop at every step", policy, cooperative: cooperative) { calm in
            (1...calm.steps).map { .stops(step: $0, for: 1_200_000) }
        }
    }

    /// Two days ahead: what waits for its schema has not waited longer for that.
    @Test(arguments: [false, true]) func clockJumpAtEveryStep(cooperative: Bool) async {
        await sweep("clock jump at every step", .schema, cooperative: cooperative) { calm in
            (1...calm.steps).map { .jumps(step: $0, by: 2 * 86_400_000_000) }
        }
    }

    @Test(arguments: Policy.allCases, [false, true]) func lostReplyAtEveryCommit(policy: Policy, cooperative: Bool)
        async
    {
        await sweep("lost reply at every commit", policy, cooperative: cooperative) { calm in
            (1...calm.writes).map { .losesReply(write: $0) }
        }
    }

    @Test(arguments: [Policy.quota, .schema], [false, true])
    func lostReplyAtEveryReadOfWhatWaits(policy: Policy, cooperative: Bool) async {
        await sweep("lost rows", policy, cooperative: cooperative, expecting: .unparkFailed) { calm in
            (1...max(1, calm.reads)).map { .losesRead(read: $0) }
        }
    }

    @Test(arguments: Policy.allCases, [false, true]) func lateCommitAtEveryCommit(policy: Policy, cooperative: Bool)
        async
    {
        await sweep("commit applied late", policy, cooperative: cooperative) { calm in
            (1...calm.writes).flatMap { write in
                [1000, 20_000, 60_000, 300_000].map { .appliesLate(write: write, after: $0) }
            }
        }
    }
}
