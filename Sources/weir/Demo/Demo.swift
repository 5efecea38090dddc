// The demo itself, from the first server to the verdict.

import Foundation
import Synchronization
import WeirBench
import WeirCore
import WeirKafka
import WeirRuntime

final class Demo {
    private let options: DemoCommand
    private let field: Field
    private var workers: [FieldWorker] = []
    private let screen = DemoScreen()

    init(options: DemoCommand) throws {
        self.options = options
        field = try Field(
            Field.Plan(
                purpose: "demo", topology: options.topology, schemas: options.schemas, migrations: options.migrations,
                kafka: options.kafka, database: options.database))
        guard field.topology.outputs.topic != nil else {
            throw WeirError(.badData, "\(options.topology): the demo needs a topology with an output topic")
        }
    }

    func run() throws {
        for number in 1...2 { workers.append(try startWorker(number)) }
        if let address = options.console.flatMap(ListenAddress.init) { say("console    \(address.url)") }
        try waitForPartitions()
        let expectation = try generateAndWatch()
        try finish()
        try judge(expectation)
        if options.hold { try hold() }
    }

    func stop() {
        for worker in workers { worker.askToStop() }
        for worker in workers { worker.waitForEnd(seconds: 15) }
        field.stop()
    }

    // MARK: Workers

    private func startWorker(_ number: Int) throws -> FieldWorker {
        let worker = try field.startWorker(
            name: "worker \(number)", instance: "demo-\(number)", sessionTimeout: TimeSpan(microseconds: 6_000_000),
            log: "worker-\(number)", more: consoleArguments(number))
        say("\(worker.name)   process \(worker.processID)")
        return worker
    }

    /// Worker 1's, which lives through the demo; it knows of the others' partitions from PostgreSQL.
    private func consoleArguments(_ number: Int) -> [String] {
        guard number == 1, let console = options.console else { return [] }
        return ["--console", console]
    }

    private func waitForPartitions() throws {
        let wanted = field.sourcePartitions
        try wait(seconds: 60, "the workers to share \(wanted) partitions") {
            workers.reduce(0) { $0 + ($1.report?.partitions ?? 0) } == wanted
        }
        say("the workers have shared \(wanted) partitions of \(field.sources.count) topics\n")
    }

    /// Fails early when a worker has gone by itself, with the end of its log.
    private func checkWorkers() throws {
        for worker in workers where !worker.isRunning {
            throw WeirError(
                .unavailable, "\(worker.name) ended by itself; the end of its log:\n" + worker.lastWords)
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
        let generator = try Generator(settings, topology: field.topology, schemas: field.schemas)
        let sink = try KafkaGeneratorSink(
            brokers: field.servers.brokers, settings: try options.kafka.pairs(), topics: generator.topics,
            largestRecord: generator.largestRecord)
        var processed = 0
        var nextLook = 0.0
        var killAt: Int? = options.events * 2 / 5
        var restartAt: Double?
        let began = Date()
        func elapsed() -> Double { -began.timeIntervalSinceNow }
        let flow = GeneratorFlow(
            shouldPause: { [self] in
                sink.progress.acknowledged.load(ordering: .relaxed) - processed > field.mostUnprocessed
            },
            meanwhile: { [self] in
                let now = elapsed()
                try sink.takeReports()
                guard now >= nextLook else { return }
                nextLook = now + 0.1
                if Signals.wait(milliseconds: 0) != nil { throw WeirError(.unavailable, "stopped by a signal") }
                processed = try show(now)
                if let at = killAt, processed >= at {
                    killAt = nil
                    workers[1].signal(SIGKILL)
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
            try show(elapsed()) >= expectation.counts.produced
        }
        return expectation
    }

    /// Shows how far Weir is, and returns the number of events processed.
    private func show(_ elapsed: Double) throws -> Int {
        let progress = try field.database.progress()
        screen.show(
            progress, windows: try field.database.windows(), elapsed: elapsed, lags: workers.flatMap { $0.takeLag() })
        return progress.processed
    }

    /// Waits until all results are on the output topic and read back.
    private func finish() throws {
        try wait(seconds: 60, "the results to be published") { try field.database.progress().unpublished == 0 }
        var last = -1
        var quietSince = Date()
        try wait(seconds: 30, "the output topic to be read to its end") {
            if let failure = field.reader.failure { throw WeirError(.bug, failure) }
            if field.reader.messages != last {
                last = field.reader.messages
                quietSince = Date()
            }
            return quietSince.timeIntervalSinceNow < -0.5
        }
        screen.end()
    }

    // MARK: The verdict

    private func judge(_ expectation: Expectation) throws {
        say("\nThe busiest organisations, from billing.usage:\n")
        for line in try DemoTable.lines(field.database.connection, organisations: 8) { say("  " + line) }
        say()
        let counted = try field.database.progress().counted
        let lost = max(0, expectation.counts.unique - counted)
        let double = max(0, counted - expectation.counts.unique)
        let checks = try field.database.checks(expectation, field.reader)
        for check in checks { say(check.line) }
        let isExact = checks.allSatisfy(\.holds)
        say("\n\(isExact ? "expected = billed" : "expected ≠ billed"), \(lost) lost, \(double) double\n")
        guard isExact else { throw WeirError(.bug, "the demo's numbers are wrong: see above") }
        say(
            """
            What to try next:
              weir demo --hold                        keep it all running afterwards, and look around with psql and kcat
              weir verify                             kill workers again and again, and count what is lost or double
              weir check topologies/billing-usage.yaml   change the file and see what it says about mistakes
              topologies/examples/api-calls           your own topic and schema, metered without a line of Swift
              docs/billing.md                         the queries analysts ask for
            """)
    }

    private func hold() throws {
        say("\n  psql \"\(field.servers.connection)\"")
        say("  kcat -b \(field.servers.brokers) -t \(field.topology.outputs.topic ?? "") -C -e -f '%k\\n'")
        say("\nCtrl-C ends it.")
        while Signals.wait(milliseconds: 1000) == nil { try checkWorkers() }
    }
}
