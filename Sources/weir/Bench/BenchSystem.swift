// Weir with its servers, ready to be measured, any number of times.

import Foundation
import WeirBench
import WeirCore
import WeirKafka
import WeirRuntime

/// Used by one thread. `stop` leaves nothing behind.
final class BenchSystem {
    /// One measurement.
    struct Load {
        var label: String
        var plan: RatePlan
        var warmup: Double
        var duration: Double
        var faults: [Scenario.Fault] = []
        /// Added to the scenario's seed: other arrivals, and other events.
        var seed: UInt64 = 0
        /// Told with each look; returns a word for the live line.
        var watch: (LoadProgress) throws -> Void = { _ in }
    }

    let scenario: Scenario
    let field: Field
    private(set) var crew: Crew?
    private var screen = LoadLine()
    private var loads = 0
    private var expected = Expectation.Counts()
    /// What the database had counted when nobody knew what it should have.
    private var before = FieldDatabase.Progress()
    /// Something was made that was not sent, or not taken: nobody knows what must come of the rest.
    private var isUncertain = false

    init(_ scenario: Scenario, _ servers: BenchServerOptions) throws {
        self.scenario = scenario
        try BenchServerOptions.check(servers.weir, "--weir")
        field = try Field(
            Field.Plan(
                purpose: "bench", topology: scenario.topology, schemas: scenario.schemas,
                migrations: servers.migrations, kafka: servers.kafka, database: servers.database,
                partitions: scenario.partitions, workerSettings: scenario.kafka, executable: servers.weir))
        try field.servers.ageDatabase()
    }

    func stop() {
        crew?.dismiss()
        if !field.servers.createdTopics.isEmpty {
            do { try field.servers.deleteTopics() } catch { complain("\(error)") }
        }
        field.stop()
    }

    func beginWorkers() throws {
        crew = try Crew(field: field, session: scenario.sessionTimeout, count: scenario.workers)
    }

    /// Fails if a worker ended by itself.
    func watchWorkers() throws {
        try checkSignal()
        // Nothing is due to be started again.
        try crew?.tick(0)
        try checkDesertions()
    }

    /// Starts the workers and waits until they share all partitions.
    func startWorkers() throws {
        let began = ContinuousClock.now
        try beginWorkers()
        guard let crew else { return }
        while !crew.shareAll(since: began) {
            try watchWorkers()
            guard ContinuousClock.now - began < .seconds(90) else {
                throw WeirError(
                    .unavailable, "the workers do not share \(field.sourcePartitions) partitions after 90 s",
                    advice: crew.workers.map(\.lastWords).joined(separator: "\n"))
            }
            Thread.sleep(forTimeInterval: 0.05)
        }
    }

    // MARK: Measuring

    func measure(_ load: Load) throws -> RunResult {
        loads += 1
        let generator = try generator(load)
        let run = try LoadRun(
            settings(load), plan: load.plan, generator: generator, visibility: visibility, open: positions)
        let resources = try ResourceWatch(field, { [self] in crew })
        let faults = try crew.map { try BenchFaults(load.faults, field, $0) }
        var settled = 0
        var measurement: LoadMeasurement
        do {
            // Taken back before anybody asks the servers again: one that is stopped would answer never.
            defer { faults?.end() }
            measurement = try run.run { [self] progress in
                settled = progress.settled
                try checkSignal()
                try crew?.tick(progress.seconds)
                // With faults the rest is to be seen all the same; the report is refused.
                if load.faults.isEmpty { try checkDesertions() }
                if progress.seconds >= 0 { faults?.tick(progress.seconds) }
                if !resources.hasBegun, progress.seconds >= load.warmup { resources.begin(settled: progress.settled) }
                resources.tick(progress.seconds)
                try load.watch(progress)
                try checkRoom(progress)
                screen.show(progress, run, load)
            }
        } catch {
            isUncertain = true
            screen.end()
            throw error
        }
        screen.end()
        let cost = resources.end(settled: max(settled, measurement.sending.total - measurement.durable.failures))
        measurement.watching.negative += visibility?.negative ?? 0
        let mix = generator.expectation.counts
        if measurement.sending.errors.isEmpty, measurement.sending.unsent == 0 {
            expected.add(mix)
        } else {
            isUncertain = true
        }
        return RunResult(
            label: load.label, scenario: scenario.name, load: measurement,
            visible: visibility?.result(of: measurement.sending.events ?? 0), events: cost.events, mix: mix,
            processes: cost.processes, database: cost.database,
            residentMiB: resources.resident, faults: faults?.marks ?? [],
            objectiveP99: scenario.objective.p99,
            wrong: measurement.durable.failures == 0 ? try wrongResults() : nil,
            crashes: crew?.crashes ?? [])
    }

    /// Waits until everything that is in the topics is done; after that it is known what comes of the next load.
    func settle() throws {
        let database = try field.openDatabase()
        let ends = try field.logEnds()
        let deadline = ContinuousClock.now + .seconds(120)
        while try database.positions().reduce(0, { $0 + $1.value }) < ends.values.reduce(0, +) {
            try watchWorkers()
            guard ContinuousClock.now < deadline else {
                throw WeirError(.bug, "the rest of a load is not done after 120 s")
            }
            Thread.sleep(forTimeInterval: 0.05)
        }
        guard isUncertain else { return }
        before = try progress()
        expected = Expectation.Counts()
        isUncertain = false
    }

    /// So many events, as fast as they can be made.
    func backlog(_ events: Int) throws -> Generator {
        var options = scenario.generator(now: Timestamp(microseconds: WallClock.now()), seed: scenario.seed)
        options.rate = 0
        options.events = events
        return try Generator(options, topology: field.topology, schemas: field.schemas)
    }

    private func generator(_ load: Load) throws -> Generator {
        let options = scenario.generator(
            now: Timestamp(microseconds: WallClock.now()), seed: seed(of: load))
        return try Generator(options, topology: field.topology, schemas: field.schemas)
    }

    private func settings(_ load: Load) -> LoadSettings {
        var settings = LoadSettings(
            brokers: field.servers.brokers, topics: field.sources, warmup: load.warmup, duration: load.duration,
            patience: scenario.patience)
        settings.kafka = field.servers.settings
        settings.producer = scenario.producer
        settings.seed = seed(of: load)
        return settings
    }

    private func seed(of load: Load) -> UInt64 { scenario.seed &+ load.seed &+ UInt64(loads) }

    /// Nil if there is no output topic, or records and results have no common name of the organisation.
    private var visibility: Visibility? {
        let topology = field.topology
        let isNamed = topology.sources.allSatisfy { $0.key == $0.organisation }
        return topology.outputs.topic != nil && isNamed ? field.reader.visibility : nil
    }

    private var positions: PositionSourceOpener {
        let connection = field.servers.connection
        return { try WatchedPositions(connection) }
    }

    /// What the database counted against what was sent to it, in all loads so far of which that is known.
    private func wrongResults() throws -> [String]? { isUncertain ? nil : try differences(from: expected) }

    /// What the database counted that is not what was sent to it.
    func differences(from expected: Expectation.Counts) throws -> [String] {
        let progress = try progress()
        let pairs = [
            ("events billed", progress.counted - before.counted, expected.unique),
            ("repeats dropped", progress.duplicates - before.duplicates, expected.repeats),
            ("dead letters", progress.deadLetters - before.deadLetters, expected.deadLetters),
        ]
        return pairs.filter { $0.1 != $0.2 }.map { "\($0.0): \($0.1) of \($0.2)" }
    }

    private func progress() throws -> FieldDatabase.Progress {
        let database = try field.openDatabase()
        var progress = try database.progress()
        // Records whose schema is unknown on purpose are put aside for a second.
        let deadline = ContinuousClock.now + .seconds(10)
        while progress.parked > 0, ContinuousClock.now < deadline {
            Thread.sleep(forTimeInterval: 0.1)
            progress = try database.progress()
        }
        return progress
    }

    // MARK: While it runs

    func checkSignal() throws {
        if Signals.wait(milliseconds: 0) != nil { throw WeirError(.unavailable, "stopped by a signal") }
    }

    private func checkDesertions() throws {
        guard let deserter = crew?.desertions.first else { return }
        throw WeirError(.unavailable, "\(deserter.worker) ended with \(deserter.end):\n\(deserter.lastWords)")
    }

    /// The mock broker forgets the oldest of more than 100,000 records or 5 MB a partition.
    private func checkRoom(_ progress: LoadProgress) throws {
        guard field.servers.cluster != nil, progress.sent > 0 else { return }
        // Batches have heads, records have frames.
        let bytes = progress.mostOpen * (progress.bytes / progress.sent + 40)
        guard bytes > 4_500_000 || progress.mostOpen > 90_000 else { return }
        throw BrokerIsFull(
            waiting: progress.mostOpen, seconds: progress.longestOpen, late: progress.late, sent: progress.sent)
    }
}

/// The mock broker is about to forget records that nobody has read.
struct BrokerIsFull: Error {
    var waiting: Int
    /// For how long the first of them has waited.
    var seconds = 0.0
    /// Of those sent so far, the ones that were late.
    var late = 0
    var sent = 0

    /// It was not the workers alone: the generator sent later than it should, and faster than it should afterwards.
    var isGeneratorsFault: Bool { Double(late) > LoadMeasurement.mostLate * Double(sent) }

    var weirError: WeirError {
        guard !isGeneratorsFault else {
            return WeirError(
                .badData,
                "the generator fell behind: \(late) of \(sent) sends were more than 1 ms late, and \(waiting) records wait in "
                    + "one partition of the mock broker, which would forget more",
                advice: "Choose a lower rate, or leave the generator more of the machine. There is no report.")
        }
        return WeirError(
            .unavailable,
            "\(waiting) records wait in one partition, and the mock broker keeps no more than 5 MB or 100,000 records "
                + "of it: the run would measure lost records",
            advice: "Choose more partitions, a lower rate or shorter faults, or a real broker with --brokers.")
    }
}

extension Expectation.Counts {
    fileprivate mutating func add(_ other: Self) {
        produced += other.produced
        unique += other.unique
        repeats += other.repeats
        conflicts += other.conflicts
        deadLetters += other.deadLetters
    }
}
