// weir bench compare: A against B, run by run in turn.

import ArgumentParser
import Foundation
import WeirBench
import WeirCore

struct BenchCompareCommand: BenchMode {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Compare two scenarios, or two builds, in interleaved runs.",
        discussion: """
            Runs A B, B A, A B, … each with servers of its own, and says by which factor they differ, with the 95 % interval \
            of Student's t over the pairs. Where that interval contains 1 the noise is larger than the difference, and nothing \
            is concluded.

            Examples:
              weir bench compare bench/scenarios/w1-steady.yaml bench/scenarios/w1-hot.yaml
              weir bench compare bench/scenarios/w1-steady.yaml --weir-b /tmp/weir-new --pairs 8
            """)

    @Argument(help: ArgumentHelp("Scenario A.", valueName: "a.yaml")) var a: String
    @Argument(help: ArgumentHelp("Scenario B. Default: A, with another build.", valueName: "b.yaml")) var b: String?
    @Option(help: "Pairs of runs.") var pairs = 5
    @Option(help: ArgumentHelp("Build whose workers B runs. Default: A's, see --weir.", valueName: "file")) var weirB:
        String?
    @OptionGroup var changes: ScenarioOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var servers: BenchServerOptions

    func validate() throws {
        guard (3...100).contains(pairs) else { throw ValidationError("--pairs takes a number from 3 to 100") }
        guard b != nil || weirB != nil else {
            throw ValidationError("name a second scenario, or another build with --weir-b")
        }
    }

    var runLabels: [String] { ["A", "B"].flatMap { side in (1...pairs).map { "\(side) \($0)" } } }

    /// What is told of one side beside its runs.
    private struct Side {
        var setup: [BenchReport.Entry] = []
        var files: [BenchReport.Entry] = []
    }

    func measure() throws -> BenchReport {
        try BenchServerOptions.check(servers.weir, "--weir")
        try BenchServerOptions.check(weirB, "--weir-b")
        let first = try changes.load(a)
        let second = try changes.load(b ?? a)
        var otherServers = servers
        otherServers.weir = weirB ?? servers.weir
        var report = BenchReport(
            title: b == nil ? "\(first.name): two builds" : "\(first.name) (A) against \(second.name) (B)",
            mode: "compare",
            command: ShownCommand.words(CommandLine.arguments), setup: [], scenarios: [])
        var (sideA, sideB) = (Side(), Side())
        var runs = ComparedRuns()
        for pair in 1...pairs {
            // In turn, so that what grows on the machine does not always meet the same one.
            for isA in pair % 2 == 1 ? [true, false] : [false, true] {
                let run: RunResult
                if isA {
                    run = try measure(first, servers, "A \(pair)", pair, &sideA, &report)
                    runs.a.append(run)
                } else {
                    run = try measure(second, otherServers, "B \(pair)", pair, &sideB, &report)
                    runs.b.append(run)
                }
                say(
                    "  \(run.label): p50 \(BenchScreen.time(run.load.durable.p50)), p99 "
                        + "\(BenchScreen.time(run.load.durable.p99)), \(run.load.durable.failures) never done, Weir "
                        + "\(run.cpu("weir").map { "\($0)" } ?? "?") us of CPU an event\(run.refusal == nil ? "" : ", REFUSED")"
                )
            }
        }
        report.setup += BenchReport.Entry.sides(sideA.setup, sideB.setup)
        report.scenarios = BenchReport.Entry.sides(sideA.files, sideB.files)
        report.runs = runs.a + runs.b
        report.tables = [runs.table]
        for comparison in runs.measures.compactMap(\.comparison) {
            report.figures["ratio \(comparison.name)"] = comparison.ratio
        }
        report.verdict = report.refusals.isEmpty ? runs.sentences : []
        return report
    }

    private func measure(
        _ scenario: Scenario, _ servers: BenchServerOptions, _ label: String, _ pair: Int, _ side: inout Side,
        _ report: inout BenchReport
    ) throws -> RunResult {
        try with(scenario, servers) { system in
            if report.setup.isEmpty { report.setup = BenchSetup.here + BenchSetup.servers(system.field) }
            if side.setup.isEmpty {
                side.setup = BenchSetup.experiment(system.field, scenario)
                side.files = BenchSetup.files(system.field, scenario)
            }
            try system.startWorkers()
            return try system.measure(
                BenchSystem.Load(
                    label: label, plan: scenario.plan, warmup: scenario.warmup, duration: scenario.duration,
                    faults: scenario.faults,
                    // The same arrivals for both of a pair, others for each pair.
                    seed: UInt64(pair)))
        }
    }
}
