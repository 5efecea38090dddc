// weir bench drain: how fast a backlog is caught up with, and what each event of it costs.

import ArgumentParser
import Foundation
import Synchronization
import WeirBench
import WeirCore
import WeirKafka

struct BenchDrainCommand: BenchMode {
    static let configuration = CommandConfiguration(
        commandName: "drain", abstract: "Measure how fast a backlog is caught up with.",
        discussion: """
            Fills the topics while no worker runs, then starts the workers. The rate counts from the first commit seen to \
            the last; CPU counts from the workers' start. The mock broker keeps 5 MB of a partition: a backlog that it \
            would forget is refused. What was billed is compared with what was sent.

            Example:
              weir bench drain bench/scenarios/w1-drain.yaml --events 1000000 --runs 3
            """)

    @Argument(help: ArgumentHelp("The scenario; its rate, faults and times are left out.", valueName: "file.yaml"))
    var file: String
    @Option(help: "Records of the backlog.") var events = 500_000
    @Option(help: "Runs, each with servers of its own.") var runs = 3
    @OptionGroup var changes: ScenarioOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var servers: BenchServerOptions

    func validate() throws {
        guard (1...1_000_000_000).contains(events) else { throw ValidationError("--events takes a number from 1 on") }
        guard (1...100).contains(runs) else { throw ValidationError("--runs takes a number from 1 to 100") }
    }

    var runLabels: [String] { [] }

    func measure() throws -> BenchReport {
        let scenario = try changes.load(file)
        var drains: [Drain] = []
        var setup: [BenchReport.Entry] = []
        var files: [BenchReport.Entry] = []
        for number in 1...runs {
            let drain = try with(scenario, servers) { system in
                if setup.isEmpty {
                    setup = BenchSetup.entries(system.field, scenario, .backlog(events))
                    files = BenchSetup.files(system.field, scenario)
                }
                return try system.drain(events)
            }
            drains.append(drain)
            say(
                "  run \(number): \(Self.text(drain.rate)) events/s, Weir \(String(format: "%.2f", drain.cpu("weir"))) us of CPU an "
                    + "event, PostgreSQL \(String(format: "%.2f", drain.cpu("PostgreSQL"))), \(Int(drain.residentMiB)) MiB"
            )
        }
        var report = BenchReport(
            title: "Backlog of \(events) events, \(scenario.name)", mode: "drain",
            command: ShownCommand.words(CommandLine.arguments), setup: setup,
            scenarios: files)
        report.tables = [
            BenchReport.Table(
                "Runs",
                columns: [
                    "run", "events/s", "seconds", "Weir, µs/event", "PostgreSQL, µs/event", "broker, µs/event",
                    "usage rows/event", "Weir, MiB",
                ],
                rows: drains.enumerated().map { index, drain in
                    ["\(index + 1)", Self.text(drain.rate), String(format: "%.2f", drain.seconds)]
                        + ["weir", "PostgreSQL", "broker"].map { String(format: "%.2f", drain.cpu($0)) }
                        + [String(format: "%.3f", drain.rowsPerEvent), String(format: "%.0f", drain.residentMiB)]
                })
        ]
        report.figures["weir_cpu_us_per_event"] = Drain.median(drains.map { $0.cpu("weir") })
        let rates = drains.compactMap(\.rate)
        if rates.count == drains.count { report.figures["rate_per_s"] = Drain.median(rates) }
        report.drains = drains
        report.verdict = [Drain.verdict(drains, events: events), "Every event was billed once."]
        return report
    }

    private static func text(_ rate: Double?) -> String { rate.map { "\(Int($0))" } ?? "?" }
}

extension BenchSystem {
    /// Fills the topics, starts the workers, and waits until they are done.
    func drain(_ events: Int) throws -> Drain {
        let generator = try backlog(events)
        let sink = try KafkaGeneratorSink(
            brokers: field.servers.brokers, settings: field.servers.settings + scenario.producer,
            topics: generator.topics, largestRecord: generator.largestRecord)
        let flow = GeneratorFlow(meanwhile: { [self] in
            try sink.takeReports()
            try checkSignal()
        })
        try generator.run(flow: flow) { try sink.send($0) }
        try sink.finish()
        let ends = try field.logEnds()
        let most = Int(ends.values.max() ?? 0)
        let bytes = generator.progress.bytes.load(ordering: .relaxed) / max(1, events)
        if field.servers.cluster != nil, most * (bytes + 12) > 5_000_000 || most > 100_000 {
            throw BrokerIsFull(waiting: most)
        }
        say("  \(events) records wait, up to \(most) in a partition")

        // Before the resources are watched, so that its looks are counted as nobody's.
        let database = try field.openDatabase()
        let resources = try ResourceWatch(field, { [self] in crew })
        resources.begin(settled: 0)
        try beginWorkers()
        var first: (time: Int64, done: Int64)?
        let deadline = MonotonicClock.now() + Int64((scenario.patience + Double(events) / 1000) * 1e9)
        while true {
            let done = try database.positions().values.reduce(0, +)
            let now = MonotonicClock.now()
            if first == nil, done > 0 { first = (now, done) }
            if done >= events, let first {
                let seconds = Double(now - first.time) / 1e9
                let cost = resources.end(settled: events)
                let mix = generator.expectation.counts
                let wrong = try differences(from: mix)
                guard wrong.isEmpty else {
                    throw WeirError(.bug, "the backlog was billed wrongly: \(wrong.joined(separator: ", "))")
                }
                return Drain(
                    seconds: seconds, measured: events - Int(first.done), mix: mix, processes: cost.processes,
                    rowsPerEvent: Double(try database.usageWrites()) / Double(events))
            }
            try watchWorkers()
            resources.tick(Double(now) / 1e9)
            guard now < deadline else {
                throw WeirError(.bug, "\(done) of \(events) events are done, and time is over")
            }
            Thread.sleep(forTimeInterval: 0.005)
        }
    }
}
