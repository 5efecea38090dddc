// weir bench recover: how long a fault is felt.

import ArgumentParser
import WeirBench
import WeirCore

struct BenchRecoverCommand: BenchMode {
    static let configuration = CommandConfiguration(
        commandName: "recover", abstract: "Measure how long after a fault p99 is within the objective again.",
        discussion: """
            Runs a scenario that has faults, several times. A fault is over after the last second, before the next fault, \
            whose records have a p99 beyond the objective. A killed worker is missed after the session time-out only: \
            until its partitions go on somewhere they stand still, and that time is told apart.

            Example:
              weir bench recover bench/scenarios/w1-kill.yaml --runs 3
            """)

    @Argument(help: ArgumentHelp("The scenario.", valueName: "file.yaml")) var file: String
    @Option(help: "Runs, each with servers of its own.") var runs = 3
    @OptionGroup var changes: ScenarioOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var servers: BenchServerOptions

    func validate() throws {
        guard (1...100).contains(runs) else { throw ValidationError("--runs takes a number from 1 to 100") }
    }

    var runLabels: [String] { (1...runs).map { "run \($0)" } }

    func measure() throws -> BenchReport {
        let scenario = try changes.load(file)
        guard !scenario.faults.isEmpty else {
            throw WeirError(.usage, "\(file) has no faults to recover from", advice: "Add one under `faults:`.")
        }
        var report = BenchReport(
            title: "Recovery, \(scenario.name)", mode: "recover", command: ShownCommand.words(CommandLine.arguments),
            setup: [], scenarios: [])
        var recoveries: [Recovery] = []
        var rows: [[String]] = []
        var times: [Double] = []
        var standstills: [Double] = []
        var afterwards: [Double] = []
        for number in 1...runs {
            let run = try with(scenario, servers) { system in
                if report.setup.isEmpty {
                    report.setup = BenchSetup.entries(system.field, scenario)
                    report.scenarios = BenchSetup.files(system.field, scenario)
                }
                try system.startWorkers()
                return try system.measure(
                    BenchSystem.Load(
                        label: runLabels[number - 1], plan: scenario.plan, warmup: scenario.warmup,
                        duration: scenario.duration, faults: scenario.faults))
            }
            for recovery in run.recoveries {
                rows.append([
                    "\(number)", recovery.fault.words, "\(recovery.fault.at.rounded(to: 1))",
                    recovery.standstill.map { "\($0.rounded(to: 1)) s" } ?? "", recovery.words,
                ])
                times.append(recovery.seconds ?? .infinity)
                standstills += [recovery.standstill].compactMap(\.self)
                afterwards += [recovery.afterwards].compactMap(\.self)
                let still = recovery.standstill.map { ", partitions stood still for \($0.rounded(to: 1)) s" } ?? ""
                say(
                    "  run \(number): \(recovery.fault.words): \(recovery.words)\(still), max lag of the run "
                        + BenchScreen.time(run.load.durable.max)
                )
            }
            recoveries += run.recoveries
            report.runs.append(run)
        }
        report.tables = [
            BenchReport.Table(
                "Recoveries",
                columns: ["run", "fault", "at, s", "partitions stood still for", "p99 within the objective after"],
                rows: rows,
                note:
                    "The group's session time-out is \(scenario.sessionTimeout). A partition stands still until somebody has it "
                    + "again, which the broker's group decides, and commits; the rest is catching up. Recoveries end with "
                    + "a whole second of the intended moments."
            )
        ]
        let slowest = times.max() ?? 0
        report.figures = slowest.isFinite ? ["slowest_recovery_s": slowest] : [:]
        report.figures["longest_standstill_s"] = standstills.max()
        report.figures["slowest_after_standstill_s"] = afterwards.max()
        report.verdict = [
            Recovery.verdict(
                recoveries, objective: BenchScreen.time(scenario.objective.p99), session: scenario.sessionTimeout)
        ]
        return report
    }
}
