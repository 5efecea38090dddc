// Many seeds, on all cores.

import Foundation

struct SimulationRun: Sendable {
    struct Report: Sendable {
        var worlds = 0
        var steps = 0
        var writes = 0
        var reads = 0
        var digest: UInt64 = 0
        var coverage = Coverage()
        var violations: [Violation] = []

        mutating func add(_ other: Report) {
            worlds += other.worlds
            steps += other.steps
            writes += other.writes
            reads += other.reads
            digest ^= other.digest
            coverage.add(other.coverage)
            violations += other.violations
        }
    }

    let fixture: Fixture
    /// A run with so many violations has said enough.
    static let mostViolations = 3

    struct Task: Sendable {
        let seed: UInt64
        var shape: Shape?
        var intervention = Intervention.none
    }

    func run(_ seeds: ClosedRange<UInt64>) async -> Report {
        await run(count: seeds.count) { Task(seed: seeds.lowerBound + UInt64($0)) }
    }

    /// Tasks are dealt out to as many lanes as there are cores.
    func run(count: Int, _ task: @escaping @Sendable (Int) -> Task) async -> Report {
        let lanes = ProcessInfo.processInfo.activeProcessorCount
        return await withTaskGroup(of: Report.self) { group in
            for lane in 0..<lanes {
                group.addTask {
                    var report = Report()
                    var number = lane
                    while number < count, report.violations.count < Self.mostViolations {
                        report.add(one(task(number)))
                        number += lanes
                    }
                    return report
                }
            }
            var total = Report()
            for await report in group { total.add(report) }
            return total
        }
    }

    func one(_ task: Task) -> Report {
        LastSeed.note(task.seed)
        let world = World(task, fixture: fixture)
        world.run()
        var report = Report(
            worlds: 1, steps: world.steps, writes: world.writes, reads: world.reads, digest: world.digest,
            coverage: world.coverage)
        if world.violation != nil {
            // Again, this time taking notes.
            let replay = World(task, fixture: fixture, traces: true)
            replay.run()
            var violation = replay.violation ?? Violation(seed: task.seed, words: "not the same when replayed")
            violation.trace = replay.trace
            if task.shape != nil { violation.test = task.intervention == .none ? "ShapeTests" : "SweepTests" }
            if task.intervention != .none { violation.words += "\n\(task.intervention)" }
            report.violations.append(violation)
        }
        return report
    }
}
