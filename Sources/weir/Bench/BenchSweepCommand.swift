// weir bench sweep: the highest rate that is held.

import ArgumentParser
import Foundation
import WeirBench
import WeirCore

struct BenchSweepCommand: BenchMode {
    static let configuration = CommandConfiguration(
        commandName: "sweep", abstract: "Find the highest rate that a scenario sustains.",
        discussion: """
            Doubles the rate until it is not held, then halves the interval until it is narrow enough, then repeats the \
            best rate; a repetition that fails takes the rate down by a step. A rate is held if every record is done, p99 \
            is within the objective, and the median lag does not rise over the window (by a twentieth of the objective, \
            and by more than twice its standard error). All on the same servers and workers; each probe begins when the \
            one before is done to the last record.

            Example:
              weir bench sweep bench/scenarios/w1-steady.yaml --from 10000 --duration 15s
            """)

    @Argument(help: ArgumentHelp("The scenario; its faults are left out.", valueName: "file.yaml")) var file: String
    @Option(help: "First rate to try, in events a second. Default: the scenario's.") var from: Double?
    @Option(help: "How narrow the interval must become, as a share of the rate.") var precision = 0.08
    @Option(help: "Times that the result is repeated.") var repeats = 2
    @OptionGroup var changes: ScenarioOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var servers: BenchServerOptions

    func validate() throws {
        guard (0.01...0.5).contains(precision) else {
            throw ValidationError("--precision takes a share from 0.01 to 0.5")
        }
        guard (0...20).contains(repeats) else { throw ValidationError("--repeats takes a number from 0 to 20") }
    }

    private struct Probe {
        var rate: Double
        var run: RunResult?
        /// Why it is not held; nil if it is.
        var problem: String?
        /// Why that says nothing of Weir: what could not do more itself.
        var instrument: String?
    }

    func measure() throws -> BenchReport {
        let scenario = try changes.load(file)
        if let from { try ScenarioLimits.check(from, in: 1...ScenarioLimits.rate.upperBound, "--from") }
        guard scenario.plan.scaled(to: from ?? scenario.plan.mean) != nil else {
            throw WeirError(
                .usage, "\(file):\(scenario.places.rate): a trace has its own rate, and a sweep needs others",
                advice: "Choose another shape; `weir bench run` replays traces.")
        }
        return try with(scenario, servers) { system in
            var report = BenchReport(
                title: "Sustainable rate of \(scenario.name)", mode: "sweep",
                command: ShownCommand.words(CommandLine.arguments),
                setup: BenchSetup.entries(system.field, scenario, .probes),
                scenarios: BenchSetup.files(system.field, scenario))
            try system.startWorkers()
            var probes: [Probe] = []
            func isHeld(_ rate: Double) throws -> Bool {
                let probe = try self.probe(rate, scenario, system, number: probes.count + 1)
                probes.append(probe)
                return probe.problem == nil
            }
            let found = try search(from: from ?? max(1, scenario.plan.mean), isHeld)
            report.tables = [table(probes)]
            let best = probes.last { $0.problem == nil && $0.rate == found }
            // What was offered in its window: of a day a part, of bursts perhaps one more.
            let offered = best?.run?.load.offered ?? 0
            report.figures["sustainable_per_s"] = offered.rounded(.down)
            report.runs = [best?.run].compactMap(\.self)
            report.probes = probes.compactMap(\.run)
            guard let found else {
                report.verdict = ["\(scenario.name) sustains none of the rates that were tried."]
                return report
            }
            let times = probes.count { $0.problem == nil && $0.rate == found }
            // What was the limit is seen at the least rate that was too much.
            let above = probes.filter { $0.rate > found && $0.problem != nil }.min { $0.rate < $1.rate }
            let instrument = above?.instrument
            report.figures["is_lower_bound"] = instrument == nil ? 0 : 1
            report.verdict = [
                "\(scenario.name) sustains \(instrument == nil ? "" : "at least ")\(Int(offered)) events a second: every record done, p99 "
                    + "\(BenchScreen.time(best?.run?.load.durable.p99)), no rising lag, held \(times == 1 ? "once" : "\(times) times")."
            ]
            if let above, let instrument {
                report.verdict.append("At \(Int(above.rate)) \(instrument)")
            }
            return report
        }
    }

    private static let generator = "the generator was the limit, not Weir: a machine for each would tell more."
    private static let mockBroker =
        "a partition of the mock broker, which keeps 5 MB, was full within the objective: a broker that keeps more "
        + "would tell more."

    /// The highest rate held, confirmed; nil if none was.
    private func search(from first: Double, _ isHeld: (Double) throws -> Bool) throws -> Double? {
        var low: Double?
        var high: Double?
        var rate = first
        while high == nil || low == nil || (high ?? 0) - (low ?? 0) > max(1, precision * (low ?? 0)) {
            if try isHeld(rate) { low = rate } else { high = rate }
            switch (low, high) {
            case (let low?, let high?): rate = ((low + high) / 2).rounded()
            case (nil, _):
                rate = (rate / 2).rounded()
                if rate < 1 { return nil }
            case (_, nil): rate *= 2
            }
        }
        while var best = low {
            if try (0..<repeats).allSatisfy({ _ in try isHeld(best) }) { return best }
            best = (best * (1 - precision)).rounded()
            low = best >= 1 ? best : nil
        }
        return nil
    }

    private func probe(_ rate: Double, _ scenario: Scenario, _ system: BenchSystem, number: Int) throws -> Probe {
        guard let plan = scenario.plan.scaled(to: rate) else {
            throw WeirError(.usage, "\(file) replays a trace, whose rate cannot be changed")
        }
        var probe = Probe(rate: rate)
        do {
            let run = try system.measure(
                BenchSystem.Load(
                    label: "\(Int(rate)) per s, probe \(number)", plan: plan, warmup: scenario.warmup,
                    duration: scenario.duration))
            probe.run = run
            probe.problem = Self.problem(run, objective: scenario.objective.p99)
            if run.load.isGeneratorBehind { probe.instrument = Self.generator }
        } catch let full as BrokerIsFull {
            probe.problem =
                "\(full.waiting) records waited in one partition of the mock broker, for up to "
                + BenchScreen.time(full.seconds * 1000)
            if full.isGeneratorsFault {
                probe.problem? += "; the generator fell behind"
                probe.instrument = Self.generator
            } else if full.seconds * 1000 < scenario.objective.p99 {
                probe.instrument = Self.mockBroker
            }
        }
        try system.settle()
        let p99 = probe.run.map { "p99 \(BenchScreen.time($0.load.durable.p99)), " } ?? ""
        say("  \(Int(rate))/s: \(p99)\(probe.problem ?? "held")")
        return probe
    }

    private static func problem(_ run: RunResult, objective: Double) -> String? {
        if let refusal = run.refusal { return refusal }
        if run.wrong?.isEmpty == false { return "wrong results: \(run.wrong?.joined(separator: ", ") ?? "")" }
        if run.load.durable.failures > 0 { return "\(run.load.durable.failures) records were never done" }
        if !run.isWithinObjective { return "p99 is beyond the objective" }
        if let trend = run.load.lagTrend, trend.rises(by: objective / 20) {
            return "lag rises by \(Int(trend.slope)) ms a second"
        }
        return nil
    }

    private func table(_ probes: [Probe]) -> BenchReport.Table {
        BenchReport.Table(
            "Probes",
            columns: ["events/s", "verdict", "p50, ms", "p99, ms", "p99.9, ms", "lag rises, ms/s", "Weir, µs/event"],
            rows: probes.map { probe in
                let lag = probe.run?.load.durable
                return [
                    "\(Int(probe.rate))", probe.problem ?? "held", RunTablesText.milliseconds(lag?.p50, probe.run),
                    RunTablesText.milliseconds(lag?.p99, probe.run), RunTablesText.milliseconds(lag?.p999, probe.run),
                    probe.run?.load.lagTrend.map { String(format: "%.2f", $0.slope) } ?? "",
                    probe.run?.cpu("weir").map { String(format: "%.2f", $0) } ?? "",
                ]
            })
    }
}

enum RunTablesText {
    /// Empty where there was no run.
    static func milliseconds(_ value: Double?, _ run: RunResult?) -> String {
        run == nil ? "" : BenchScreen.milliseconds(value)
    }
}
