// weir bench: an open-loop load, and the lag of every record from the moment when it should have been sent.

import ArgumentParser
import WeirBench
import WeirCore

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure lag, throughput and cost under a load that waits for nobody.",
        discussion: """
            Arrivals are fixed before the first is sent. The lag of each record is the time from its intended sending to \
            the moment when somebody outside Weir sees its effect committed, so that a stall shows in every record that \
            came into it. Records that fail or are never done count as infinitely late. If the generator itself falls \
            behind, the result is refused.

            Starts a broker and a PostgreSQL of its own; with WEIR_BROKERS or WEIR_POSTGRES it uses those, with topics \
            and a database of its own there. bench/README.md explains the method.

            Exits with 0 if the figures may be used, with 65 if they are refused, with 70 if Weir billed wrongly.

            Examples:
              weir bench run bench/scenarios/w1-steady.yaml
              weir bench run bench/scenarios/w1-steady.yaml --rate 20000 --duration 60s --out /tmp/steady
            """,
        subcommands: [
            BenchRunCommand.self, BenchSweepCommand.self, BenchDrainCommand.self, BenchRecoverCommand.self,
            BenchSoakCommand.self, BenchCompareCommand.self, BenchLagCommand.self, BenchPageCommand.self,
        ])
}

/// What the modes have in common: block signals, check paths, clean up.
protocol BenchMode: ParsableCommand {
    var output: OutputOptions { get }
    /// Of the runs whose histograms are to be written.
    var runLabels: [String] { get }
    func measure() throws -> BenchReport
}

extension BenchMode {
    /// One, which then needs no name in a file's.
    var runLabels: [String] { ["run"] }

    func run() throws {
        Signals.block()
        try output.check(runLabels)
        let report: BenchReport
        do {
            report = try measure()
        } catch let full as BrokerIsFull {
            throw full.weirError
        }
        say()
        for sentence in report.verdict { say(sentence) }
        var unwritten: WeirError?
        do {
            try output.write(report)
        } catch let error as WeirError {
            complain("weir: \(error)")
            unwritten = error
        }
        // What was found matters more than where it could not be written.
        if let wrong = (report.runs + (report.probes ?? [])).first(where: { $0.wrong?.isEmpty == false }) {
            throw WeirError(.bug, "\(wrong.label): \(wrong.wrong?.joined(separator: ", ") ?? "")")
        }
        if !report.refusals.isEmpty {
            throw WeirError(.badData, "refused: \(report.refusals.joined(separator: "\n"))")
        }
        if let unwritten { throw ExitCode(unwritten.status.rawValue) }
    }

    /// Runs `body` with a system that is gone afterwards, however it ends.
    func with<Result>(
        _ scenario: Scenario, _ servers: BenchServerOptions, _ body: (BenchSystem) throws -> Result
    ) throws -> Result {
        let system = try BenchSystem(scenario, servers)
        defer { system.stop() }
        return try body(system)
    }
}
