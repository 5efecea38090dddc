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

    /// - Parameter option: that names the executable.
    static func check(_ weir: String?, _ option: String) throws(WeirError) {
        if let weir, access(weir, X_OK) != 0 {
            throw WeirError(
                .usage, "\(option) \(weir): \(String(cString: strerror(errno)))", advice: "Name a weir executable.")
        }
    }
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
        let scenario = try changes.applied(to: ScenarioFile.load(path: file))
        try scenario.checkFiles()
        return scenario
    }

    var changes: ScenarioChanges {
        get throws {
            ScenarioChanges(
                rate: rate, duration: try duration.map { try Self.span($0, "--duration") },
                warmup: try warmup.map { try Self.span($0, "--warmup") }, workers: workers, partitions: partitions)
        }
    }

    /// Seconds.
    static func time(_ text: String, _ option: String, in range: ClosedRange<TimeSpan>) throws -> Double {
        try ScenarioLimits.check(span(text, option), in: range, option).seconds
    }

    private static func span(_ text: String, _ option: String) throws -> TimeSpan {
        guard let time = TimeSpan(parsing: text) else {
            throw WeirError(.usage, "\(option) \(text): expected a time with a unit: 500ms, 30s, 10m")
        }
        return time
    }
}

struct OutputOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write <path>.json, <path>.html and, for each run, an .hgrm file.", valueName: "path"))
    var out: String?

    /// Fails before the work rather than after it.
    ///
    /// - Parameter labels: of the runs that there will be.
    func check(_ labels: [String]) throws {
        guard let out else { return }
        for path in ["\(out).json", "\(out).html"] + histograms(out, labels) {
            do throws(WeirError) {
                try WholeFile.check(path)
            } catch {
                throw WeirError(error.status, "--out \(out): \(error.message)")
            }
        }
    }

    func write(_ report: BenchReport) throws {
        guard let out else { return }
        try write(report.json, to: "\(out).json")
        try write(Data(Html.page(report.title, [report]).utf8), to: "\(out).html")
        for (run, path) in zip(report.runs, histograms(out, report.runs.map(\.label))) {
            try write(Data(run.load.durable.hgrm.utf8), to: path)
        }
    }

    /// A file for each run, in order.
    private func histograms(_ out: String, _ labels: [String]) -> [String] {
        labels.map { label in
            let name = labels.count == 1 ? "" : ".\(label.replacing(" ", with: "-").replacing("/", with: "-"))"
            return "\(out)\(name).hgrm"
        }
    }

    private func write(_ data: Data, to path: String) throws {
        try WholeFile.write(data, to: path)
        say("wrote      \(path)")
    }
}
