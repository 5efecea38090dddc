// `weir generate`: fills a topology's topics with events and says what must come of them.

import ArgumentParser
import Foundation
import WeirAvro
import WeirBench
import WeirCore
import WeirKafka
import WeirRuntime

struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Fill a topology's topics with events, and say what must come of them.",
        discussion: """
            Works for any topology: records are made from the latest schema of each source. A seed names the \
            records for good, given the same --start. With --expect the results that a pipeline must reach are \
            written to a file.

            With --trace the rows of a CSV file become the events of one source, with the times of the file.

            Kinds of poison: \(PoisonKind.allCases.map(\.rawValue).joined(separator: ", ")).
            """)

    @Argument(help: ArgumentHelp("The topology.", valueName: "file.yaml"))
    var file: String

    @Option(help: ArgumentHelp("Folder with the contracts and ids.yaml.", valueName: "folder"))
    var schemas = "schemas"

    @OptionGroup var kafka: KafkaOptions

    @Option(help: "Records to send; with --trace, rows to replay. Default: 100000; with --trace, all.")
    var events: Int?

    @Option(help: ArgumentHelp("Records a second; 0 is as fast as possible.", valueName: "records/s"))
    var rate = 0.0

    @Option(help: "The same seed makes the same records, given the same --start.")
    var seed: UInt64 = 1

    @Option(help: "How many organisations there are.")
    var organisations = 500

    @Option(help: "Exponent of Zipf's law by which organisations are drawn; 0 draws all alike.")
    var skew = 1.1

    @Option(help: ArgumentHelp("Share of records that repeat an earlier one.", valueName: "share"))
    var repeats = 0.05

    @Option(help: ArgumentHelp("Share of new events that are up to 30 minutes late.", valueName: "share"))
    var late = 0.01

    @Option(
        help: ArgumentHelp(
            "Share of records with the key of an earlier event and another content.", valueName: "share"))
    var conflicts = 0.0

    @Option(help: ArgumentHelp("Share of records that must become dead letters.", valueName: "share"))
    var poison = 0.0

    @Option(
        help: ArgumentHelp(
            "Size of each string that the topology does not read. Default: short ones.", valueName: "bytes"))
    var textBytes: Int?

    @Option(help: ArgumentHelp("Kinds of poison to draw from. Default: all but large.", valueName: "kind,…"))
    var poisonKinds: String?

    @Option(
        help: ArgumentHelp("Size of large poison. Default: the topology's record_bytes and 64 KiB.", valueName: "bytes")
    )
    var largeBytes: Int?

    @Option(
        help: ArgumentHelp(
            "Event time of the first event, as 2026-11-01T10:00:00Z. Default: now if times follow --rate, "
                + "else such that the last event is now.", valueName: "time"))
    var start: String?

    @Option(
        help: ArgumentHelp(
            "Length of time that the event times cover, as 1h. Default: as long as sending takes at --rate; "
                + "without one, at 10000/s.", valueName: "duration"))
    var span: String?

    @Option(help: ArgumentHelp("Replay this file instead of making events up.", valueName: "file.csv"))
    var trace: String?

    @Option(help: ArgumentHelp("The source that a trace goes through.", valueName: "topic"))
    var traceTopic = "ai.analysis.v1"

    @Option(help: ArgumentHelp("Which field takes which column of a trace.", valueName: "field=column,…"))
    var columns = "input_tokens=ContextTokens,output_tokens=GeneratedTokens"

    @Option(help: ArgumentHelp("Write what a pipeline must reach to this file.", valueName: "file.json"))
    var expect: String?

    @Flag(help: "Make the records and the expectation, and send nothing.")
    var dryRun = false

    @Flag(help: "Say nothing unless something is wrong.")
    var quiet = false

    func run() throws {
        let folder = try SchemaFolder(path: schemas)
        let topology = try TopologyLoading.load(file: file, schemas: folder).topology
        let generator = try Generator(try options(), topology: topology, schemas: folder)
        let sink = dryRun ? nil : try connect(generator)
        let stop = StopSignal()
        let clock = ContinuousClock()
        let began = clock.now
        var progress = ProgressLine(isQuiet: quiet)
        let flow = GeneratorFlow(
            shouldStop: { stop.isRaised },
            meanwhile: { progress.show(generator.progress, after: clock.now - began) })
        try generator.run(flow: flow) { record in try sink?.send(record) }
        try sink?.finish()
        let seconds = (clock.now - began) / .seconds(1)

        let expectation = generator.expectation
        if let expect { try expectation.save(to: expect) }
        if quiet { return }
        let produced = expectation.counts.produced
        let rate = seconds > 0 ? Int(Double(produced) / seconds) : 0
        say(
            "\(stop.isRaised ? "Stopped: " : "")\(produced) records \(dryRun ? "made" : "acknowledged") in "
                + "\(String(format: "%.1f", seconds)) s, \(rate)/s")
        if let expect {
            say("\(expectation.usage.count) results expected of \(expectation.counts.unique) events: \(expect)")
        } else {
            say(ExpectationTable.text(expectation, topology: topology))
        }
    }

    private func connect(_ generator: Generator) throws -> KafkaGeneratorSink {
        try KafkaGeneratorSink(
            brokers: try kafka.requiredBrokers(), settings: try kafka.pairs(), topics: generator.topics,
            largestRecord: generator.largestRecord)
    }

    private func options() throws -> GeneratorOptions {
        var options = GeneratorOptions(now: Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1e6)))
        options.events = events
        options.rate = rate
        options.seed = seed
        options.organisations = organisations
        options.skew = skew
        options.repeats = repeats
        options.late = late
        options.conflicts = conflicts
        options.poison = poison
        options.textBytes = textBytes
        options.largeBytes = largeBytes
        options.poisonKinds = try poisonKinds.map { try PoisonKind.list($0) }
        if let start {
            guard let time = Timestamp(parsing: start) else {
                throw WeirError(.usage, "--start \(start): expected a time in UTC like 2026-11-01T10:00:00Z")
            }
            options.start = time
        }
        if let span {
            guard let length = TimeSpan(parsing: span) else {
                throw WeirError(.usage, "--span \(span): expected a number with a unit, like 90s, 1h or 35d")
            }
            options.span = length
        }
        if let trace {
            options.trace = try TraceFile.load(
                path: trace, topic: traceTopic, columns: try TraceColumns.parse(columns), limit: events)
        }
        return options
    }
}
