// weir bench run: one scenario as it stands.

import ArgumentParser
import WeirBench
import WeirCore

struct BenchRunCommand: BenchMode {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a scenario once, at its fixed load.",
        discussion: """
            Example:
              weir bench run bench/scenarios/w1-postgres-stops.yaml --out /tmp/stops
            """)

    @Argument(help: ArgumentHelp("The scenario.", valueName: "file.yaml")) var file: String
    @OptionGroup var changes: ScenarioOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var servers: BenchServerOptions

    func measure() throws -> BenchReport {
        let scenario = try changes.load(file)
        return try with(scenario, servers) { system in
            var report = BenchReport(
                title: scenario.name, mode: "run", command: ShownCommand.words(CommandLine.arguments),
                setup: BenchSetup.entries(system.field, scenario),
                scenarios: BenchSetup.files(system.field, scenario))
            try system.startWorkers()
            let run = try system.measure(
                BenchSystem.Load(
                    label: scenario.name, plan: scenario.plan, warmup: scenario.warmup, duration: scenario.duration,
                    faults: scenario.faults))
            for line in BenchScreen.lines(run) { say(line) }
            report.title = try changes.changes.title(of: scenario, offered: run.load.offered)
            report.runs = [run]
            report.verdict = [BenchVerdict.objective(run)]
            return report
        }
    }
}

enum BenchVerdict {
    static func objective(_ run: RunResult) -> String {
        let p99 = BenchScreen.time(run.load.durable.p99)
        let objective = BenchScreen.time(run.objectiveP99)
        if run.refusal != nil { return "\(run.label): refused, so nothing is said about the objective." }
        return run.isWithinObjective
            ? "\(run.label): p99 is \(p99), within the objective of \(objective)."
            : "\(run.label): p99 is \(p99), beyond the objective of \(objective)."
    }
}
