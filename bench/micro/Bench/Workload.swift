// Records of W1, made by `weir generate` from one seed.

import WeirAvro
import WeirBench
import WeirCore
import WeirKafka
import WeirRuntime

struct Workload {
    let job: Job
    let plan: SourcePlan
    let schema: AvroSchema
    let records: [Record]
    /// So many of them have a key that is new.
    let unique: Int

    /// 2026-11-10T12:00:00Z: the clock of all benchmarks.
    static let now = Moment(wall: 1_794_312_000_000_000, monotonic: 1_000_000_000)
    static let secret = Hash128(low: 0x0706_0504_0302_0100, high: 0x0f0e_0d0c_0b0a_0908)
    static let partitions: Int32 = 4

    init(records count: Int) throws {
        let folder = try SchemaFolder(path: "bench/w1/schemas")
        let topology = try TopologyLoading.load(file: "bench/w1/w1.yaml", schemas: folder).topology
        job = Job(
            topology: topology, catalog: SchemaCatalog(folder), schemaSource: FolderSource(path: folder.path),
            outputSchemaID: 0, lagSchemaID: 0, brokers: "", postgres: "", kafkaSettings: [], host: "micro-bench",
            processID: 0)
        guard let source = topology.sources.first, let latest = folder.latest(subject: source.schema) else {
            throw Wrong("W1 has no source, or no schema")
        }
        plan = job.sources[0]
        schema = latest.schema
        var options = GeneratorOptions(now: Timestamp(microseconds: Self.now.wall))
        options.events = count
        options.skew = 0
        // About ten records to each organisation, meter and window.
        options.organisations = max(1, count / 200)
        options.seed = 7
        options.span = TimeSpan(microseconds: 3_600_000_000)
        let generator = try Generator(options, topology: topology, schemas: folder)
        var made: [[OutgoingRecord]] = Array(repeating: [], count: Int(Self.partitions))
        while let record = generator.next() {
            // An organisation has one partition.
            let hash = (record.key ?? []).reduce(UInt32(0)) { $0 &* 31 &+ UInt32($1) }
            made[Int(hash % UInt32(Self.partitions))].append(record)
        }
        unique = generator.expectation.counts.unique
        // As a consumer gets them: partition after partition.
        records = made.enumerated().flatMap { partition, records in
            records.enumerated().map { offset, record in
                Record(record, partition: Int32(partition), offset: Int64(offset))
            }
        }
    }

    /// A record as librdkafka hands it over.
    struct Record: IncomingRecord {
        let topic: String
        let partition: Int32
        let offset: Int64
        private let keyBytes: [UInt8]
        private let payloadBytes: [UInt8]

        init(_ record: OutgoingRecord, partition: Int32, offset: Int64) {
            topic = record.topic
            self.partition = partition
            self.offset = offset
            keyBytes = record.key ?? []
            payloadBytes = record.payload ?? []
        }

        var topicIdentity: Int { 1 }
        /// A thousand records a second.
        var timestamp: Int64 { Workload.now.wall / 1000 + offset / 1000 }
        var hasKey: Bool { true }
        var hasPayload: Bool { true }
        var headers: [KafkaHeader] { [] }

        var key: RawSpan {
            @_lifetime(borrow self)
            get { keyBytes.span.bytes }
        }

        var payload: RawSpan {
            @_lifetime(borrow self)
            get { payloadBytes.span.bytes }
        }
    }
}
