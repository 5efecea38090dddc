// Ten thousand worlds, and what must hold in every one of them.

import Foundation
import Testing

@Suite(.serialized) struct SimulationTests {
    private let run: SimulationRun

    init() throws {
        if Replay.isOff { LastSeed.install() }
        run = SimulationRun(fixture: try Fixture())
    }

    /// `WEIR_SIM_SEED=123` replays one seed with its whole trace, `WEIR_SIM_SEEDS=1..500` runs a range.
    @Test func allSeedsHold() async throws {
        if let text = Replay.seed {
            return replay(try #require(UInt64(text), "WEIR_SIM_SEED is not a number"))
        }
        let range = Replay.seeds ?? "1..10000"
        let bounds = range.components(separatedBy: "..").compactMap(UInt64.init)
        try #require(bounds.count == 2 && bounds[0] <= bounds[1], "WEIR_SIM_SEEDS is not of the form a..b")
        let begun = Date()
        let report = await run.run(bounds[0]...bounds[1])
        let seconds = max(0.001, Date().timeIntervalSince(begun))
        print(
            """
            simulation: \(report.worlds) seeds, \(report.steps) steps, \(Int(Double(report.worlds) / seconds)) seeds/s, \
            digest \(String(report.digest, radix: 16))
            \(report.coverage.table)
            """)
        for violation in report.violations.prefix(SimulationRun.mostViolations) {
            Issue.record(Comment(rawValue: violation.description))
        }
        // A range that somebody chose need not reach everything.
        guard report.violations.isEmpty, report.worlds >= 10_000 else { return }
        let missing = report.coverage.missing
        #expect(missing.isEmpty, "never happened, so nothing is proved about it: \(missing)")
    }

    /// Nothing outside the seed decides: no clock, no thread, no dictionary's order.
    @Test(.enabled(if: Replay.isOff)) func aSeedIsOneHistory() {
        for seed in UInt64(1)...40 {
            let task = SimulationRun.Task(seed: seed)
            #expect(run.one(task).digest == run.one(task).digest)
        }
    }

    private func replay(_ seed: UInt64) {
        let world = World(SimulationRun.Task(seed: seed), fixture: run.fixture, traces: true)
        world.run()
        print(world.trace.joined(separator: "\n"))
        print("simulation: seed \(seed), \(world.steps) steps, digest \(String(world.digest, radix: 16))")
        if let violation = world.violation { Issue.record(Comment(rawValue: violation.description)) }
    }
}
