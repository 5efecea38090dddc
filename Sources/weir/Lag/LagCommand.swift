// weir lag: how far behind the consumer groups of a cluster are, whoever's they are.

import ArgumentParser
import Foundation
import WeirAvro
import WeirCore
import WeirKafka
import WeirLag
import WeirRuntime

struct LagCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lag",
        abstract: "Show the lag of consumer groups, in records and in time, and whether they make progress.",
        discussion: """
            Ends with 0 if everything is OK and with 1 if something is not, or is not known. Where one look is not \
            enough it looks again, for as long as --tolerance at the most. It joins no group and commits nothing.

            Time lag is the age of the oldest unprocessed record by its own timestamp. States, from good to bad: OK, \
            UNKNOWN, NO DATA, WARN, REWIND, STALL, STOP; docs/lag.md has the rules.

            Kafka's offsets of Weir's own groups are up to 5 s old, and for information only: weir.partition in \
            PostgreSQL is what Weir goes by.

            Examples:
              weir lag --brokers localhost:9092
              weir lag --group orders --watch
              weir lag --exporter 127.0.0.1:9308
            """)

    @Option(
        name: .customLong("group"),
        help: ArgumentHelp("A consumer group; may be repeated. Default: all.", valueName: "name"))
    var groups: [String] = []

    @Option(
        name: .customLong("topic"), help: ArgumentHelp("Only this topic; may be repeated.", valueName: "name"))
    var topics: [String] = []

    @Flag(help: "Go on, and show what changes, until interrupted.")
    var watch = false

    @Flag(help: "As a JSON object; with --watch one a line.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "Serve Prometheus metrics at http://host:port/metrics until interrupted; port 0 takes one that is free.",
            valueName: "host:port"))
    var exporter: String?

    @Option(help: ArgumentHelp("Time between looks of --watch and --exporter.", valueName: "time"))
    var every = "5s"

    @Option(
        help: ArgumentHelp(
            "How long a record may wait before it is told; longer than the consumers' interval of commits.",
            valueName: "time"))
    var tolerance = "15s"

    @Option(
        help: ArgumentHelp(
            "Write the exporter's address to this file once it can be scraped; removed at the end.", valueName: "file"))
    var portFile: String?

    @OptionGroup var kafka: KafkaOptions

    func validate() throws {
        if watch, exporter != nil { throw ValidationError("--watch and --exporter exclude each other") }
        if json, exporter != nil { throw ValidationError("--exporter speaks no JSON") }
        if portFile != nil, exporter == nil { throw ValidationError("--port-file needs --exporter") }
        let (every, tolerance) = (try Self.time(every, "--every"), try Self.time(tolerance, "--tolerance"))
        guard every <= tolerance, tolerance.microseconds / 64 <= every.microseconds else {
            throw ValidationError("--every must be at most as long as --tolerance, and at least a 64th of it")
        }
    }

    private static func time(_ text: String, _ option: String) throws -> TimeSpan {
        guard let time = TimeSpan(parsing: text), time.microseconds > 0 else {
            throw ValidationError("\(option) takes a time with a unit: 5s, 500ms")
        }
        return time
    }

    func run() throws {
        if watch || exporter != nil { Signals.block() }
        let brokers = try kafka.requiredBrokers()
        let settings = [("bootstrap.servers", brokers), ("client.id", "weir-lag")] + (try kafka.pairs())
        let rounds: LagRounds
        do {
            rounds = try LagRounds(
                settings, LagRounds.Choice(groups: groups, topics: Set(topics)), monotonic: WallClock.monotonic,
                wall: WallClock.now)
        } catch {
            throw WeirError(.usage, error.message, advice: "Check --kafka.")
        }
        let rules = LagRules(tolerance: try Self.time(tolerance, "--tolerance").microseconds)
        let pause = try Self.time(every, "--every").microseconds
        if let exporter {
            return try LagExporter(rounds, LagWatch(rules: rules), every: pause).serve(exporter, portFile: portFile)
        }
        if watch { return try follow(rounds, LagWatch(rules: rules), pause) }
        let report = try look(rounds, LagWatch(rules: rules), min(pause, 1_000_000), rules.tolerance)
        if json { say(LagView.json(report).pretty()) } else { for line in LagView.lines(report) { say(line) } }
        if !report.isAllGood { throw ExitCode(1) }
    }

    /// Looks until every state is settled.
    private func look(
        _ rounds: LagRounds, _ watch: LagWatch, _ pause: Int64, _ tolerance: Int64
    ) throws -> LagReport {
        var watch = watch
        // One more than the tolerance: what arrived just before the first look must have had it all.
        let deadline = WallClock.monotonic() + tolerance + 2 * pause
        var isTold = false
        while true {
            let report = watch.take(try rounds.take())
            guard report.isProvisional, WallClock.monotonic() < deadline else { return report }
            if !isTold, isatty(STDERR_FILENO) == 1 {
                complain("some are behind; looking for up to \(TimeSpan(microseconds: tolerance)) whether they move")
            }
            isTold = true
            // Not a wait for anything: whether an offset moves shows only in two looks with time between them.
            Thread.sleep(forTimeInterval: Double(pause) / 1_000_000)
        }
    }

    private func follow(_ rounds: LagRounds, _ watch: LagWatch, _ pause: Int64) throws {
        var watch = watch
        var screen = LagScreen()
        repeat {
            do {
                let report = watch.take(try rounds.take())
                if json { say(LagView.json(report).compact) } else { screen.show(LagView.lines(report)) }
            } catch {
                // What was wrong from the beginning stays wrong; a broker that was there comes back.
                guard screen.hasShown, error.status == .unavailable else { throw error }
                if json { complain("weir: \(error)") } else { screen.show([error.message, "Trying again."]) }
            }
        } while Signals.wait(milliseconds: Int(pause / 1000)) == nil
    }
}
