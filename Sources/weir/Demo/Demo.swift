// The demo itself, from the first server to the verdict.

import Foundation
import Histogram
import Synchronization
import WeirAvro
import WeirBench
import WeirCore
import WeirKafka
import WeirPostgres
import WeirRuntime

final class Demo {
    private let options: DemoCommand
    private let servers: DemoServers
    private let file: String
    private let loaded: LoadedTopology
    private let schemas: SchemaFolder
    private let database: DemoDatabase
    private let reader: DemoReader
    private var workers: [DemoWorker] = []
    private let screen = DemoScreen()

    /// The mock broker keeps 5 MB a partition: never more records than this between generator and workers.
    private static let mostUnprocessed = 12_000
    private static let partitions = 4
    /// Of all sources together.
    private let sourcePartitions: Int

    init(options: DemoCommand) throws {
        self.options = options
        schemas = try SchemaFolder(path: options.schemas)
        say("Weir \(weirVersion), librdkafka \(Kafka.libraryVersion)")
        servers = try DemoServers(
            brokers: options.kafka.optionalBrokers(), postgres: options.database.optionalConnection())
        try FileManager.default.createDirectory(atPath: servers.folder, withIntermediateDirectories: true)
        say("broker     \(servers.brokerWords)")
        say("PostgreSQL \(servers.databaseWords)")
        file = try DemoTopology.file(options.topology, suffix: servers.suffix, folder: servers.folder)
        loaded = try TopologyLoading.load(file: file, schemas: schemas)
        guard let output = loaded.topology.outputs.topic,
            let contract = schemas.latest(subject: loaded.topology.outputs.schema)
        else { throw WeirError(.badData, "\(file): the demo needs a topology with an output topic") }
        let sources = loaded.topology.sources.map(\.topic)
        var count = 0
        for source in sources { count += try servers.createTopic(source, partitions: Self.partitions) }
        sourcePartitions = count
        for source in sources { _ = try servers.createTopic(source + ".dlq", partitions: Self.partitions) }
        let outputPartitions = try servers.createTopic(output, partitions: Self.partitions)
        let ran = try Migrator(PostgresConnection(servers.connection))
            .migrate(try Migration.load(folder: options.migrations))
        say("migrations \(ran.joined(separator: ", "))")
        database = try DemoDatabase(servers.connection)
        reader = try DemoReader(
            brokers: servers.brokers, topic: output, partitions: outputPartitions, schema: contract.schema)
    }

    func run() throws {
        for number in 1...2 { workers.append(try startWorker(number)) }
        try waitForPartitions()
        let expectation = try generateAndWatch()
        try finish()
        try judge(expectation)
        if options.hold { try hold() }
    }

    func stop() {
        for worker in workers where worker.isRunning { _ = worker.stop(seconds: 15) }
        reader.stop()
        servers.stop()
    }

    // MARK: Workers

    private func startWorker(_ number: Int) throws -> DemoWorker {
        let worker = try DemoWorker(
            name: "worker \(number)",
            arguments: [
                "run", file, "--schemas", options.schemas, "--report-every", "200ms", "--stop-at-eof", "--kafka",
                "session.timeout.ms=6000", "--kafka", "group.instance.id=demo-\(number)",
            ] + options.kafka.settings.flatMap { ["--kafka", $0] },
            environment: ["WEIR_BROKERS": servers.brokers, "WEIR_POSTGRES": servers.connection],
            logFile: "\(servers.folder)/worker-\(number).log")
        say("\(worker.name)   process \(worker.processID)")
        return worker
    }

    private func waitForPartitions() throws {
        let wanted = sourcePartitions
        try wait(seconds: 60, "the workers to share \(wanted) partitions") {
            workers.reduce(0) { $0 + ($1.report?.partitions ?? 0) } == wanted
        }
        say("the workers have shared \(wanted) partitions of \(loaded.topology.sources.count) topics\n")
    }

    /// Fails early when a worker has gone by itself, with the end of its log.
    private func checkWorkers() throws {
        for (index, worker) in workers.enumerated() where !worker.isRunning {
            let log = (try? String(contentsOfFile: "\(servers.folder)/worker-\(index + 1).log", encoding: .utf8)) ?? ""
            throw WeirError(
                .unavailable, "\(worker.name) ended by itself; the end of its log:\n" + log.suffix(2000))
        }
    }

    private func wait(seconds: Double, _ what: String, until condition: () throws -> Bool) throws {
        let deadline = Date(timeIntervalSinceNow: seconds)
        while try !condition() {
            guard Date() < deadline else { throw WeirError(.unavailable, "waited \(Int(seconds)) s for \(what)") }
            if Signals.wait(milliseconds: 50) != nil { throw WeirError(.unavailable, "stopped by a signal") }
            try checkWorkers()
        }
    }

    // MARK: The run

    private func generateAndWatch() throws -> Expectation {
        var settings = GeneratorOptions(now: Timestamp(microseconds: WallClock.now()))
        settings.events = options.events
        settings.rate = options.rate
        settings.seed = options.seed
        settings.repeats = options.repeats
        settings.late = options.late
        settings.conflicts = options.conflicts
        settings.poison = options.poison
        // Two hours of event time in a minute: more windows to get right.
        settings.span = TimeSpan(parsing: "2h")
        let generator = try Generator(settings, topology: loaded.topology, schemas: schemas)
        let sink = try KafkaGeneratorSink(
            brokers: servers.brokers, settings: try options.kafka.pairs(), topics: generator.topics,
            largestRecord: generator.largestRecord)
        var processed = 0
        var nextLook = 0.0
        var killAt: Int? = options.events * 2 / 5
        var restartAt: Double?
        let began = Date()
        func elapsed() -> Double { -began.timeIntervalSinceNow }
        let flow = GeneratorFlow(
            shouldPause: { sink.progress.acknowledged.load(ordering: .relaxed) - processed > Self.mostUnprocessed },
            meanwhile: { [self] in
                let now = elapsed()
                try sink.takeReports()
                guard now >= nextLook else { return }
                nextLook = now + 0.1
                if Signals.wait(milliseconds: 0) != nil { throw WeirError(.unavailable, "stopped by a signal") }
                let progress = try database.progress()
                processed = progress.processed
                screen.show(progress, elapsed: now, lags: workers.flatMap { $0.takeLag() })
                if let at = killAt, processed >= at {
                    killAt = nil
                    workers[1].kill()
                    restartAt = now + 1
                    screen.note(
                        "SIGKILL to \(workers[1].name) (process \(workers[1].processID)), in the middle of its work")
                }
                if let at = restartAt, now >= at {
                    restartAt = nil
                    screen.note("started again:")
                    workers[1] = try startWorker(2)
                }
                if killAt == nil, restartAt == nil { try checkWorkers() }
            })
        try generator.run(flow: flow) { try sink.send($0) }
        try sink.finish()
        if restartAt != nil { workers[1] = try startWorker(2) }
        if killAt != nil { screen.note("too few events to kill a worker on the way: try --events 100000") }
        let expectation = generator.expectation
        try wait(seconds: 120, "the last events to be committed") {
            let progress = try database.progress()
            screen.show(progress, elapsed: elapsed(), lags: workers.flatMap { $0.takeLag() })
            return progress.processed >= expectation.counts.produced
        }
        return expectation
    }

    /// Waits until all results are on the output topic and read back.
    private func finish() throws {
        try wait(seconds: 60, "the results to be published") { try database.progress().unpublished == 0 }
        var last = -1
        var quietSince = Date()
        try wait(seconds: 30, "the output topic to be read to its end") {
            if let failure = reader.failure { throw WeirError(.bug, failure) }
            if reader.messages != last {
                last = reader.messages
                quietSince = Date()
            }
            return quietSince.timeIntervalSinceNow < -0.5
        }
        screen.end()
    }

    // MARK: The verdict

    private func judge(_ expectation: Expectation) throws {
        let progress = try database.progress()
        let table = ExpectationCheck(expected: expectation, actual: try database.usage())
        let topic = ExpectationCheck(expected: expectation, actual: reader.usage)
        let letters = try database.deadLetters()

        say("\nThe busiest organisations, from billing.usage:\n")
        for line in try database.billingTable(organisations: 8) { say("  " + line) }
        say()
        let lost = max(0, expectation.counts.unique - progress.counted)
        let double = max(0, progress.counted - expectation.counts.unique)
        let checks: [(String, Bool, String)] = [
            ("events billed", lost == 0 && double == 0, "\(progress.counted) of \(expectation.counts.unique)"),
            (
                "repeats dropped", progress.duplicates == expectation.counts.repeats,
                "\(progress.duplicates) of \(expectation.counts.repeats)"
            ),
            (
                "conflicts recorded", progress.conflicts == expectation.counts.conflicts,
                "\(progress.conflicts) of \(expectation.counts.conflicts)"
            ),
            (
                "dead letters", letters == expectation.deadLetters,
                "\(progress.deadLetters) of \(expectation.counts.deadLetters), each for its reason"
            ),
            ("windows in PostgreSQL", table.isExact, table.summary),
            (
                "windows on the topic", topic.isExact,
                "\(topic.summary); newest revisions of \(reader.messages) messages"
            ),
        ]
        for (name, holds, words) in checks {
            say("  \(holds ? "ok   " : "WRONG")  \(name.padding(toLength: 22, withPad: " ", startingAt: 0)) \(words)")
        }
        let isExact = checks.allSatisfy(\.1)
        say("\n\(isExact ? "expected = billed" : "expected ≠ billed"), \(lost) lost, \(double) double\n")
        guard isExact else { throw WeirError(.bug, "the demo's numbers are wrong: see above") }
        say(
            """
            What to try next:
              weir demo --hold                        keep it all running afterwards, and look around with psql and kcat
              weir check topologies/billing-usage.yaml   change the file and see what it says about mistakes
              topologies/examples/api-calls           your own topic and schema, metered without a line of Swift
              docs/billing.md                         the queries analysts ask for
            """)
    }

    private func hold() throws {
        say("\n  psql \"\(servers.connection)\"")
        say("  kcat -b \(servers.brokers) -t \(loaded.topology.outputs.topic ?? "") -C -e -f '%k\\n'")
        say("\nCtrl-C ends it.")
        while Signals.wait(milliseconds: 1000) == nil { try checkWorkers() }
    }
}
