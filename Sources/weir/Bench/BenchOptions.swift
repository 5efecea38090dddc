// Options that the modes of `weir bench` share.

import ArgumentParser
import Foundation
import WeirBench
import WeirCore

struct BenchServerOptions: ParsableArguments {
    @OptionGroup var kafka: KafkaOptions
    @OptionGroup var database: PostgresOptions

    @Option(help: "Folder of the migrations.")
    var migrations = "deploy/postgres/migrations"

    @Option(help: ArgumentHelp("Another build to run as workers. Default: this one.", valueName: "file"))
    var weir: String?
}

struct ScenarioOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Events a second instead of the scenario's (the mean of its shape).", valueName: "n"))
    var rate: Double?

    @Option(help: ArgumentHelp("Time that counts, instead of the scenario's: 30s, 10m.", valueName: "time"))
    var duration: String?

    @Option(
        help: ArgumentHelp("Time at the beginning that does not count, instead of the scenario's.", valueName: "time"))
    var warmup: String?

    @Option(help: "Worker processes, instead of the scenario's.")
    var workers: Int?

    @Option(help: "Partitions of each topic, instead of the scenario's.")
    var partitions: Int?

    /// The scenario of a file with what was given on the command line.
    func load(_ file: String) throws -> Scenario {
        var scenario = try ScenarioFile.load(path: file)
        if let rate {
            guard rate > 0, rate.isFinite else { throw WeirError(.usage, "--rate \(rate): expected events a second") }
            guard let plan = scenario.plan.scaled(to: rate) else {
                throw WeirError(
                    .usage, "--rate: \(file) replays a trace, which has its own rate",
                    advice: "Change `speed` in the scenario.")
            }
            scenario.plan = plan
        }
        scenario.duration = try Self.time(duration, "--duration") ?? scenario.duration
        scenario.warmup = try Self.time(warmup, "--warmup") ?? scenario.warmup
        if let workers {
            guard (1...64).contains(workers) else { throw WeirError(.usage, "--workers takes a number from 1 to 64") }
            scenario.workers = workers
        }
        if let partitions {
            guard (1...1000).contains(partitions) else {
                throw WeirError(.usage, "--partitions takes a number from 1 to 1000")
            }
            scenario.partitions = partitions
        }
        if let fault = scenario.faults.first(where: { $0.worker > scenario.workers }) {
            throw WeirError(.usage, "\(file): a fault is for worker \(fault.worker), and there are \(scenario.workers)")
        }
        return scenario
    }

    static func time(_ text: String?, _ option: String) throws -> Double? {
        guard let text else { return nil }
        guard let time = TimeSpan(parsing: text) else {
            throw WeirError(.usage, "\(option) \(text): expected a time with a unit: 500ms, 30s, 10m")
        }
        return time.seconds
    }
}

struct OutputOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write <path>.json, <path>.html and, for each run, an .hgrm file.", valueName: "path"))
    var out: String?

    /// Fails before the work rather than after it.
    func check() throws {
        guard let out else { return }
        let folder = URL(filePath: out).deletingLastPathComponent().path
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw WeirError(.usage, "--out \(out): cannot write to \(folder)", advice: "Make the folder first.")
        }
    }

    func write(_ report: BenchReport) throws {
        guard let out else { return }
        try write(report.json, to: "\(out).json")
        try write(Data(Html.page(report.title, [report]).utf8), to: "\(out).html")
        for run in report.runs {
            let name = report.runs.count == 1 ? "" : ".\(run.label.replacing(" ", with: "-").replacing("/", with: "-"))"
            try write(Data(run.load.durable.hgrm.utf8), to: "\(out)\(name).hgrm")
        }
    }

    private func write(_ data: Data, to path: String) throws {
        do {
            try data.write(to: URL(filePath: path))
        } catch {
            throw WeirError(.usage, "cannot write \(path): \(error.localizedDescription)")
        }
        say("wrote      \(path)")
    }
}
