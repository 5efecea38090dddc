// Where a demo, a campaign or a benchmark takes place: servers, topics, a migrated database and somebody who reads the results.

import Foundation
import WeirAvro
import WeirBench
import WeirCore
import WeirKafka
import WeirPostgres
import WeirRuntime

final class Field {
    struct Plan {
        /// `demo`, `verify` or `bench`.
        var purpose: String
        var topology: String
        var schemas: String
        var migrations: String
        var kafka: KafkaOptions
        var database: PostgresOptions
        /// Of each topic that is made.
        var partitions = 4
        /// Kafka settings of the workers alone, `name=value`.
        var workerSettings: [String] = []
        /// The `weir` that workers are; nil is this one.
        var executable: String?
    }

    let plan: Plan
    let servers: FieldServers
    /// The topology's file, as workers read it.
    let file: String
    let topology: Topology
    let schemas: SchemaFolder
    let database: FieldDatabase
    let reader: OutputReader
    /// Topic → partitions.
    let sources: [String: Int]

    var sourcePartitions: Int { sources.values.reduce(0, +) }

    /// The mock broker keeps 5 MB a partition: never more records than this between generator and workers.
    var mostUnprocessed: Int { servers.cluster == nil ? .max : 12_000 }

    init(_ plan: Plan) throws {
        self.plan = plan
        schemas = try SchemaFolder(path: plan.schemas)
        // Mistakes are told before any server starts.
        _ = try TopologyLoading.load(file: plan.topology, schemas: schemas)
        let migrations = try Migration.load(folder: plan.migrations)
        let settings = try plan.kafka.pairs()
        say("Weir \(weirVersion), librdkafka \(Kafka.libraryVersion)")
        servers = try FieldServers(
            purpose: plan.purpose, brokers: plan.kafka.optionalBrokers(), settings: settings,
            postgres: plan.database.optionalConnection())
        try FileManager.default.createDirectory(atPath: servers.folder, withIntermediateDirectories: true)
        say("broker     \(servers.brokerWords)")
        say("PostgreSQL \(servers.databaseWords)")
        file = try FieldTopology.file(plan.topology, suffix: servers.suffix, folder: servers.folder)
        topology = try TopologyLoading.load(file: file, schemas: schemas).topology
        var sources: [String: Int] = [:]
        for source in topology.sources {
            sources[source.topic] = try servers.createTopic(source.topic, partitions: plan.partitions)
        }
        self.sources = sources
        var outputs: [String: Int] = [:]
        for topic in topology.sources.map({ $0.topic + ".dlq" }) + [topology.outputs.topic].compactMap(\.self) {
            outputs[topic] = try servers.createTopic(topic, partitions: plan.partitions)
        }
        if let lag = topology.outputs.lag { _ = try servers.createTopic(lag, partitions: plan.partitions) }
        let ran = try Migrator(PostgresConnection(servers.connection)).migrate(migrations)
        say("migrations \(ran.joined(separator: ", "))")
        database = try FieldDatabase(
            servers.connection, table: topology.outputs.table, applicationName: "weir \(plan.purpose)")
        try database.checkRights()
        try database.createTable()
        let contract =
            topology.outputs.topic == nil ? nil : schemas.latest(subject: topology.outputs.schema)
        reader = try OutputReader(
            brokers: servers.brokers, settings: settings, topics: outputs, schema: contract?.schema)
    }

    /// The offset after the last record of each source partition.
    func logEnds() throws -> [TopicPartition: Int64] {
        let admin = try servers.admin()
        var ends: [TopicPartition: Int64] = [:]
        for (topic, partitions) in sources {
            for number in 0..<partitions {
                let partition = TopicPartition(topic: topic, partition: Int32(number))
                ends[partition] = try admin.offsets(of: partition).end
            }
        }
        return ends
    }

    /// Another session.
    func openDatabase() throws -> FieldDatabase {
        try FieldDatabase(
            servers.connection, table: topology.outputs.table, applicationName: "weir \(plan.purpose)")
    }

    /// Kafka settings that all workers have beside Weir's own, `name=value`. Later ones win.
    func workerSettings(session: TimeSpan) -> [String] {
        let session = session.microseconds / 1000
        return ["session.timeout.ms=\(session)", "heartbeat.interval.ms=\(max(200, session / 4))"]
            + servers.producerSettings.map { "\($0.name)=\($0.value)" } + plan.kafka.settings + plan.workerSettings
    }

    /// Starts a `weir run` of the topology.
    ///
    /// - Parameter more: arguments more.
    func startWorker(
        name: String, instance: String?, sessionTimeout: TimeSpan, log: String, more: [String] = []
    ) throws -> FieldWorker {
        let settings = ["group.instance.id=\(instance ?? "")"] + workerSettings(session: sessionTimeout)
        return try FieldWorker(
            name: name,
            arguments: [
                "run", file, "--schemas", plan.schemas, "--report-every", "200ms", "--stop-at-eof",
            ] + settings.flatMap { ["--kafka", $0] } + more,
            environment: ["WEIR_BROKERS": servers.brokers, "WEIR_POSTGRES": servers.connection],
            logFile: "\(servers.folder)/\(log).log", executable: plan.executable)
    }

    /// - Parameter keeping: see `FieldServers.stop`.
    func stop(keeping: Bool = false) {
        reader.stop()
        servers.stop(keeping: keeping)
    }
}
