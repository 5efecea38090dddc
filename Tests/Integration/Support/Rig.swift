// What a test of the whole flow needs: a topology, a broker and a database of its own, and workers.

import Foundation
import TestSupport
import WeirAvro
import WeirBench
import WeirCore
import WeirKafka
import WeirPostgres

/// Swift Testing has a type of that name, too.
typealias Expectation = WeirBench.Expectation

/// Used by one test on one thread.
final class Rig {
    let file: String
    let topology: Topology
    let schemas: SchemaFolder
    /// Nil with WEIR_BROKERS: topics of the rig's own are made there.
    let cluster: MockCluster?
    let brokers: String
    /// Keeps the copy of the topology, which does not wait for schemas for long.
    private let copy: TopologyCopy
    let database: TestDatabase
    /// For the test's own questions; not the workers'.
    private(set) var connection: PostgresConnection
    /// Where workers find PostgreSQL, if not at `database`.
    var workersDatabase: String?
    private(set) var workers: [WeirWorker] = []
    /// Records sent so far: so many must be accounted for.
    private(set) var produced = 0

    /// - Parameters:
    ///   - outputPartitions: many, because the development broker keeps only 5 MB of each.
    ///   - brokerCount: of the mock cluster.
    ///   - database: migrated, and empty.
    init(
        file: String = Repository.path("topologies/billing-usage.yaml"), schemas: String = Repository.path("schemas"),
        partitions: Int = 4, outputPartitions: Int = 12, brokerCount: Int = 1, database: TestDatabase? = nil
    ) throws {
        let existing = ProcessInfo.processInfo.environment["WEIR_BROKERS"].flatMap { $0.isEmpty ? nil : $0 }
        copy = try existing == nil ? TopologyCopy(impatient: file) : TopologyCopy(withOwnTopics: file)
        self.file = copy.file
        self.schemas = try SchemaFolder(path: schemas)
        topology = try TopologyFile.load(String(contentsOfFile: self.file, encoding: .utf8), file: self.file).topology
        self.database = try database ?? TestDatabase.migrated()
        connection = try self.database.connect()
        let cluster = existing == nil ? try MockCluster(brokers: brokerCount) : nil
        let brokers = existing ?? cluster?.bootstrapServers ?? ""
        func create(_ topic: String, _ partitions: Int) throws {
            if let cluster { return try cluster.createTopic(topic, partitions: partitions) }
            let admin = try KafkaAdmin([("bootstrap.servers", brokers)])
            // The development broker makes a topic when it is asked about it, with a number of its own.
            if try admin.partitions(of: topic) == nil { try admin.createTopic(topic, partitions: partitions) }
        }
        for source in topology.sources {
            try create(source.topic, partitions)
            try create(source.topic + ".dlq", outputPartitions)
        }
        for topic in [topology.outputs.topic, topology.outputs.lag].compactMap(\.self) {
            try create(topic, outputPartitions)
        }
        self.cluster = cluster
        self.brokers = brokers
    }

    /// The topic of the rig that stands for one of the topology's.
    func topic(_ name: String) -> String { name + copy.suffix }

    static func apiCalls(partitions: Int = 4) throws -> Rig {
        let folder = Repository.path("topologies/examples/api-calls")
        return try Rig(file: "\(folder)/api-calls.yaml", schemas: "\(folder)/schemas", partitions: partitions)
    }

    // MARK: Workers

    /// Starts `weir run`.
    ///
    /// - Parameters:
    ///   - instance: of static group membership: a worker that is killed and started again under the same name has
    ///     its partitions back at once, but from a real broker only; the development broker ignores the name.
    ///   - other: a topology file instead of the rig's own.
    ///   - kafka: settings of librdkafka more, `name=value`.
    ///   - more: options more.
    @discardableResult
    func start(
        _ name: String = "worker", instance: String? = nil, threads: Int = 1, file other: String? = nil,
        kafka: [String] = [], more: [String] = [], environment: [String: String] = [:]
    ) throws -> WeirWorker {
        var arguments = [
            "run", other ?? file, "--schemas", schemas.path, "--brokers", brokers, "--postgres",
            workersDatabase ?? database.connectionString, "--workers", String(threads), "--kafka",
            "session.timeout.ms=6000", "--kafka", "heartbeat.interval.ms=500",
        ]
        // Without a name dynamic: the development broker makes static members wait for their session's end.
        arguments += ["--kafka", "group.instance.id=\(instance ?? "")"]
        arguments += kafka.flatMap { ["--kafka", $0] } + more
        let worker = try WeirWorker(name: name, arguments, environment: environment)
        workers.append(worker)
        return worker
    }

    /// Kills it, and forgets it.
    func kill(_ worker: WeirWorker) throws {
        forget(worker)
        worker.kill()
        try worker.waitForEnd()
    }

    /// Asks it to stop, and forgets it.
    ///
    /// - Returns: its exit status.
    func stop(_ worker: WeirWorker, seconds: Int = 60) throws -> Int32 {
        forget(worker)
        worker.terminate()
        return try worker.waitForEnd(seconds: seconds)
    }

    /// A worker that ends by itself, as the test wants it to.
    func forget(_ worker: WeirWorker) { workers.removeAll { $0 === worker } }

    /// Asks all workers to stop at once.
    ///
    /// - Returns: their exit statuses.
    func stopAll() throws -> [Int32] {
        let stopping = workers
        for worker in stopping { worker.terminate() }
        workers = []
        return try stopping.map { try $0.waitForEnd() }
    }

    // MARK: Input

    /// - Parameter change: of options that make what users do: mostly new events, few of the rest.
    func options(events: Int, _ change: (inout GeneratorOptions) -> Void = { _ in }) -> GeneratorOptions {
        var options = GeneratorOptions(now: Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1e6)))
        options.events = events
        options.span = TimeSpan(microseconds: 3 * 3_600_000_000)
        options.repeats = 0.1
        options.late = 0.05
        options.conflicts = 0.01
        change(&options)
        return options
    }

    /// Sends what a generator makes, as fast as the workers keep up.
    ///
    /// - Parameters:
    ///   - lead: records that may wait for the workers, bounded because the broker drops what it cannot hold.
    ///   - meanwhile: called every millisecond or so, with the number of records sent by this call.
    @discardableResult
    func produce(
        _ options: GeneratorOptions, lead: Int = 10_000, meanwhile: (Int) throws -> Void = { _ in }
    ) throws -> Expectation {
        let generator = try Generator(options, topology: topology, schemas: schemas)
        let sink = try sink(of: generator)
        let before = produced
        var processed = 0
        var asked = ContinuousClock.now - .seconds(1)
        try withoutActuallyEscaping(meanwhile) { meanwhile in
            let flow = GeneratorFlow(
                shouldPause: { [unowned self] in
                    if ContinuousClock.now - asked > .milliseconds(50) {
                        processed = (try? self.processed()) ?? 0
                        asked = .now
                    }
                    return produced - processed >= lead
                },
                meanwhile: { [unowned self] in
                    try sink.takeReports()
                    try meanwhile(produced - before)
                    try expectWorkersAlive()
                })
            try generator.run(flow: flow) { record in
                try sink.send(record)
                produced += 1
            }
        }
        try sink.finish()
        return generator.expectation
    }

    /// Sends what a generator makes at its options' rate, whatever the workers and PostgreSQL do.
    ///
    /// - Parameter meanwhile: called every millisecond or so, with the number of records sent by this call.
    func produceRegardless(_ options: GeneratorOptions, meanwhile: (Int) throws -> Void) throws -> Expectation {
        let generator = try Generator(options, topology: topology, schemas: schemas)
        let sink = try sink(of: generator)
        let before = produced
        try withoutActuallyEscaping(meanwhile) { meanwhile in
            let flow = GeneratorFlow(meanwhile: { [unowned self] in
                try sink.takeReports()
                try meanwhile(produced - before)
                try expectWorkersAlive()
            })
            try generator.run(flow: flow) { record in
                try sink.send(record)
                produced += 1
            }
        }
        try sink.finish()
        return generator.expectation
    }

    /// The mock cluster, which compares no sequence numbers, keeps a request that is sent again because its answer was
    /// lost. Such records are in the log, and have to be accounted for, too.
    func countRecordsStoredTwice() throws -> Int {
        let again = try Int(inputEnds().values.reduce(0, +)) - produced
        produced += again
        return again
    }

    private func sink(of generator: Generator) throws -> KafkaGeneratorSink {
        // One request under way at each broker is still two for a partition whose leader moves: with idempotence
        // librdkafka would take a refused record for stored (see `MockCluster.producerSettings`).
        let mock = MockCluster.producerSettings + [("enable.idempotence", "false")]
        return try KafkaGeneratorSink(
            brokers: brokers, settings: cluster == nil ? [] : mock,
            topics: generator.topics, largestRecord: generator.largestRecord)
    }

    /// Sends what a generator makes, whether or not anybody reads it.
    func sendAll(_ generator: Generator) throws {
        let sink = try sink(of: generator)
        try generator.run { record in
            try sink.send(record)
            produced += 1
        }
        try sink.finish()
    }

    /// Counts records that a test sent by itself.
    func noteProduced(_ count: Int) { produced += count }

    // MARK: Progress

    /// After PostgreSQL was away.
    func reconnect() throws { connection = try database.connect() }

    /// Records whose effect is committed, whatever it was.
    func processed() throws -> Int {
        let rows = try connection.query(
            "SELECT coalesce(sum(counted + duplicates + conflicts + dead_letters), 0)::int8 FROM weir.partition")
        return Int(rows.int64(0, 0))
    }

    /// Waits until the group has settled on the workers that run now; each of them is one member.
    func waitUntilAllHavePartitions() throws {
        let members = Set(workers.map { "\($0.processID)" })
        var owners: Set<String> = []
        do {
            try waitUntil("each member has partitions", seconds: 90) {
                try expectWorkersAlive()
                owners = try Set(connection.column("SELECT split_part(owner, '/', 2) FROM weir.partition"))
                return owners == members
            }
        } catch let error as WaitTimeout {
            let words = workers.map(\.lastWords).joined(separator: "\n")
            throw WaitTimeout(
                description: "\(error): \(owners.sorted()) have some, not \(members.sorted())\n\(words)")
        }
    }

    /// Waits until every record is accounted for; throws at once if a worker dies.
    ///
    /// Nothing may stand still for a minute; how long it takes in all is up to the machine.
    func waitUntilProcessed() throws {
        var processed = try self.processed()
        do {
            while processed < produced {
                let before = processed
                try waitUntil("more is processed") {
                    try expectWorkersAlive()
                    processed = try self.processed()
                    return processed > before
                }
            }
        } catch let error as WaitTimeout {
            let words = workers.map(\.lastWords).joined(separator: "\n")
            throw WaitTimeout(description: "\(error): \(processed) of \(produced) records\n\(words)")
        }
    }

    private func expectWorkersAlive() throws {
        for worker in workers {
            guard let end = worker.end else { continue }
            throw WaitTimeout(description: "a worker ended with \(end)\n\(worker.lastWords)")
        }
    }
}
