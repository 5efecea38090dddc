// weir bench soak: does anything grow when a load goes on and on?

import ArgumentParser
import WeirBench
import WeirCore

struct BenchSoakCommand: BenchMode {
    static let configuration = CommandConfiguration(
        commandName: "soak", abstract: "Run a scenario for long, and see whether lag or memory grows.",
        discussion: """
            Memory is judged over the second half, in which caches are full. Idempotency keys are remembered for the \
            topology's retention: as long as none expires, that memory has to grow, by the bytes per event that the report \
            says.

            Example:
              weir bench soak bench/scenarios/billing-day.yaml --duration 1h
            """)

    @Argument(help: ArgumentHelp("The scenario.", valueName: "file.yaml")) var file: String
    @OptionGroup var changes: ScenarioOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var servers: BenchServerOptions

    func measure() throws -> BenchReport {
        let scenario = try changes.load(file)
        return try with(scenario, servers) { system in
            var report = BenchReport(
                title: "Soak, \(scenario.name)", mode: "soak", command: ShownCommand.words(CommandLine.arguments),
                setup: BenchSetup.entries(system.field, scenario),
                scenarios: BenchSetup.files(system.field, scenario))
            try system.startWorkers()
            let run = try system.measure(
                BenchSystem.Load(
                    label: scenario.name, plan: scenario.plan, warmup: scenario.warmup, duration: scenario.duration,
                    faults: scenario.faults))
            for line in BenchScreen.lines(run) { say(line) }
            report.runs = [run]
            report.verdict = [BenchVerdict.objective(run)]
            if let trend = run.load.lagTrend {
                report.figures["lag_ms_per_s"] = trend.slope
                report.verdict.append(
                    trend.rises(by: scenario.objective.p99 / 20)
                        ? "The median lag grows by \((trend.slope * 60).rounded(to: 2)) ms a minute."
                        : "The median lag does not grow.")
            }
            let half = run.residentMiB.dropFirst(run.residentMiB.count / 2)
            if let trend = Trend(half.map { ($0[0], $0[1]) }) {
                let bytes = trend.slope * 1_048_576 / max(1, run.load.throughput)
                report.figures["resident_mib_per_s"] = trend.slope
                report.verdict.append(
                    "Memory of the workers grows by \((trend.slope * 60).rounded(to: 2)) MiB a minute in the second half "
                        + "(± \((trend.error * 120).rounded(to: 2))), \(bytes.rounded(to: 1)) bytes an event.")
            }
            return report
        }
    }
}
