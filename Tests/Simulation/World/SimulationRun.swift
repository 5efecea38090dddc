// Many seeds, on all cores.

import Foundation

struct SimulationRun: Sendable {
    struct Report: Sendable {
        var worlds = 0
        var steps = 0
        var digest: UInt64 = 0
        var coverage = Coverage()
        var violations: [Violation] = []

        mutating func add(_ other: Report) {
            worlds += other.worlds
            steps += other.steps
            digest ^= other.digest
            coverage.add(other.coverage)
            violations += other.violations
        }
    }

    let fixture: Fixture
    /// A run with so many violations has said enough.
    static let mostViolations = 3

    /// Seeds are dealt out to as many tasks as there are cores.
    func run(_ seeds: ClosedRange<UInt64>) async -> Report {
        let lanes = UInt64(ProcessInfo.processInfo.activeProcessorCount)
        return await withTaskGroup(of: Report.self) { group in
            for lane in 0..<lanes {
                group.addTask {
                    var report = Report()
                    var seed = seeds.lowerBound + lane
                    while seed <= seeds.upperBound, report.violations.count < Self.mostViolations {
                        report.add(one(seed))
                        seed += lanes
                    }
                    return report
                }
            }
            var total = Report()
            for await report in group { total.add(report) }
            return total
        }
    }

    func one(_ seed: UInt64, shape: Shape? = nil, intervention: Intervention = .none) -> Report {
        LastSeed.note(seed)
        let world = World(seed: seed, shape: shape, fixture: fixture, intervention: intervention)
        world.run()
        var report = Report(worlds: 1, steps: world.steps, digest: world.digest, coverage: world.coverage)
        if world.violation != nil {
            // Again, this time taking notes.
            let replay = World(seed: seed, shape: shape, fixture: fixture, intervention: intervention, traces: true)
            replay.run()
            var violation = replay.violation ?? Violation(seed: seed, words: "not the same when replayed")
            violation.trace = replay.trace
            if intervention != .none { violation.words += "\n\(intervention)" }
            report.violations.append(violation)
        }
        return report
    }
}
