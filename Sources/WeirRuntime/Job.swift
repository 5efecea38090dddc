// What a process runs: a topology with its contracts and the servers it talks to.

public import WeirAvro
public import WeirCore
internal import WeirKafka

/// Everything the workers of one topology share; read-only.
public struct Job: Sendable {
    public let topology: Topology
    public let sources: [SourcePlan]
    /// Decimals of each meter's measure.
    let scales: [Int]
    /// What topologies read records as.
    public let schemas: SchemaFolder
    /// Where workers learn what names of schemas mean.
    public let schemaSource: any SchemaSource
    /// What is known of that before anybody is asked.
    public let catalog: SchemaCatalog
    /// Schema id of the messages for `outputs.topic`.
    public let outputSchemaID: Int32
    /// Schema id of the messages for `outputs.lag`.
    let lagSchemaID: Int32
    /// `bootstrap.servers`.
    public let brokers: String
    /// Connection string of PostgreSQL.
    public let postgres: String
    /// librdkafka settings from the command line; they win over Weir's own.
    public let kafkaSettings: [KafkaSetting]
    /// This machine's name.
    public let host: String
    /// Number of each worker's part in the process, for names: host, process id.
    public let owner: String

    public struct KafkaSetting: Sendable {
        public let name: String
        public let value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public init(
        topology: Topology, catalog: SchemaCatalog, schemaSource: any SchemaSource, outputSchemaID: Int32,
        lagSchemaID: Int32, brokers: String, postgres: String, kafkaSettings: [KafkaSetting], host: String,
        processID: Int32
    ) {
        let schemas = catalog.contracts
        self.topology = topology
        self.schemas = schemas
        self.catalog = catalog
        self.schemaSource = schemaSource
        self.outputSchemaID = outputSchemaID
        self.lagSchemaID = lagSchemaID
        self.brokers = brokers
        self.postgres = postgres
        self.kafkaSettings = kafkaSettings
        self.host = host
        owner = "\(host)/\(processID)"
        sources = topology.sources.map { SourcePlan(source: $0, topology: topology) }
        scales = topology.meters.map { meter in
            guard let field = meter.field, meter.aggregate != .unique,
                let source = topology.sources.first(where: { $0.topic == meter.source })
            else { return 0 }
            return schemas.latest(subject: source.schema)?.schema.scale(of: field) ?? 0
        }
    }

    /// The command line says who the members are, or (by an empty name) that they have no names.
    var namesItsMembers: Bool { kafkaSettings.contains { $0.name == "group.instance.id" } }

    /// Settings of the consumer. What is not here is librdkafka's default.
    ///
    /// - Parameter instance: the member's name, if the command line gives none.
    func consumerSettings(instance: String?, worker number: Int) -> KafkaSettings {
        let given = kafkaSettings.filter { $0.name != "group.instance.id" }.map { ($0.name, $0.value) }
        let named = kafkaSettings.last { $0.name == "group.instance.id" }?.value
        // Each of several workers is a member of its own.
        let member = named.map { $0.isEmpty || number == 0 ? $0 : "\($0)-\(number)" } ?? instance ?? ""
        return [
            ("bootstrap.servers", brokers),
            ("group.id", topology.group),
            ("client.id", "weir-\(topology.name)"),
            // Offsets live in PostgreSQL; what Kafka holds is for other people's lag tools.
            ("enable.auto.commit", "false"),
            ("enable.auto.offset.store", "false"),
            // An offset that the log does not hold is loss, and must stop the worker, not move it.
            ("auto.offset.reset", "error"),
            // Eager: DESIGN.md says what cooperative-sticky costs with librdkafka 2.0.2.
            ("partition.assignment.strategy", "roundrobin"),
            ("session.timeout.ms", "10000"),
            ("heartbeat.interval.ms", "3000"),
            // What an idle worker costs is mostly fetches that find nothing, and a broker answers one as soon as it has a
            // record. A partition that is resumed waits for it at the most.
            ("fetch.wait.max.ms", "250"),
            ("fetch.message.max.bytes", "4194304"),
            // librdkafka stops fetching above these, of all partitions together, and looks again up to a second
            // later: room for a second's worth, or a drain stands still.
            ("queued.min.messages", "1000000"),
            ("queued.max.messages.kbytes", "65536"),
            ("socket.nagle.disable", "true"),
            ("log.connection.close", "false"),
        ] + given + (member.isEmpty ? [] : [("group.instance.id", member)])
    }

    /// Settings of the producer that publishes results and dead letters.
    var producerSettings: KafkaSettings {
        Self.producerSettings(
            brokers: brokers, client: "weir-\(topology.name)", settings: kafkaSettings.map { ($0.name, $0.value) })
    }

    /// Settings of the producer of lag reports. Without idempotence it never fails for good, and a report that is sent
    /// twice counts once by its key. What is not sent within an hour is given up, and so is what finds the queue full.
    var lagProducerSettings: KafkaSettings {
        Self.producerSettings(
            brokers: brokers, client: "weir-\(topology.name)-lag",
            settings: kafkaSettings.map { ($0.name, $0.value) }) + [
                ("enable.idempotence", "false"),
                ("acks", "all"),
                ("message.timeout.ms", "3600000"),
                ("queue.buffering.max.messages", "20000"),
                ("queue.buffering.max.kbytes", "16384"),
            ]
    }

    /// Settings of any producer of Weir's: whoever writes a key puts it into the same partition.
    ///
    /// - Parameter settings: librdkafka's, from the command line; they win.
    static func producerSettings(brokers: String, client: String, settings: KafkaSettings) -> KafkaSettings {
        let consumerOnly: Set = [
            "group.instance.id", "session.timeout.ms", "heartbeat.interval.ms", "max.poll.interval.ms",
            "partition.assignment.strategy", "isolation.level", "fetch.wait.max.ms", "fetch.message.max.bytes",
            "fetch.max.bytes", "queued.min.messages", "queued.max.messages.kbytes", "check.crcs",
        ]
        return [
            ("bootstrap.servers", brokers),
            ("client.id", client),
            ("enable.idempotence", "true"),
            ("linger.ms", "5"),
            // As Java's clients hash keys, so that a key's messages stay in one partition whoever writes them.
            ("partitioner", "murmur2_random"),
            // A dead letter is as large as the record it was, plus headers.
            ("message.max.bytes", "104857600"),
            ("socket.nagle.disable", "true"),
            ("log.connection.close", "false"),
        ] + settings.filter { !consumerOnly.contains($0.name) }
    }
}
