// slo.lag.v1 as a test reads and repeats it: whole values under the contract, past Weir's own plans.

import Testing
import WeirAvro
import WeirCore
import WeirKafka
import WeirPostgres

/// A report that is in the topic.
struct StoredReport {
    let record: StoredRecord
    private let fields: [String: AvroValue]

    init(_ record: StoredRecord, schema: AvroSchema) throws {
        self.record = record
        let payload = try #require(record.payload)
        guard
            case .record(let values) = try AvroValue.decode(
                schema: schema, from: payload.span.bytes.extracting(5..<payload.count))
        else { throw WaitTimeout(description: "\(record.place) holds no record") }
        fields = Dictionary(uniqueKeysWithValues: zip(schema.fieldNames(under: []), values))
    }

    subscript(_ name: String) -> Int64? {
        switch fields[name] {
        case .long(let value), .union(_, .long(let value)): value
        case .int(let value): Int64(value)
        default: nil
        }
    }

    func text(_ name: String) -> String? { if case .string(let text) = fields[name] { text } else { nil } }

    var source: TopicPartition? {
        guard let topic = text("source_topic"), let partition = self["source_partition"] else { return nil }
        return TopicPartition(topic: topic, partition: Int32(partition))
    }
}

extension Rig {
    /// `topologies/lag-slo.yaml` for this rig's topics.
    func lagTopology() throws -> TopologyCopy {
        let topic = try #require(topology.outputs.lag)
        let own = topic.dropFirst(Outputs.lagSchema.count)
        return try TopologyCopy("topologies/lag-slo.yaml") { text in
            text.replacing("topic: slo.lag.v1", with: "topic: \(topic)\n    schema: slo.lag.v1")
                .replacing("source: slo.lag.v1", with: "source: \(topic)").replacing(
                    "lag-slo\n", with: "lag-slo\(own)\n")
        }
    }

    func lagReports() throws -> [StoredReport] {
        let schema = try #require(schemas.latest(subject: Outputs.lagSchema)).schema
        return try TopicContents.read(#require(topology.outputs.lag), brokers: brokers).map {
            try StoredReport($0, schema: schema)
        }
    }

    /// What `lag-slo` has read so far: reports counted, and repeats.
    func lagReportsRead() throws -> (counted: Int, repeats: Int) {
        let rows = try connection.query(
            """
            SELECT coalesce(sum(counted), 0)::int8, coalesce(sum(duplicates), 0)::int8 FROM weir.partition
            WHERE topic = '\(#require(topology.outputs.lag))'
            """)
        return (Int(rows.int64(0, 0)), Int(rows.int64(0, 1)))
    }

    /// A meter of `slo.lag` by source partition.
    func lagTotals(_ meter: String) throws -> [TopicPartition: Int64] {
        let rows = try connection.query(
            """
            SELECT dimensions ->> 'source_topic', (dimensions ->> 'source_partition')::int4, sum(quantity)::int8
            FROM slo.lag WHERE meter = '\(meter)' GROUP BY 1, 2
            """)
        var totals: [TopicPartition: Int64] = [:]
        for row in 0..<rows.count {
            totals[TopicPartition(topic: rows.text(row, 0), partition: rows.int32(row, 1))] = rows.int64(row, 2)
        }
        return totals
    }

    /// Of the rig's own topology alone.
    func waitUntilOwnRecordsAreProcessed() throws {
        try waitUntil("all is processed") {
            try connection.column(
                """
                SELECT (sum(counted + duplicates + conflicts + dead_letters) = \(produced))::text FROM weir.partition
                WHERE topology = '\(topology.name)'
                """) == ["true"]
        }
    }

    func waitUntilOwned(by worker: WeirWorker) throws {
        try waitUntil("the worker has all partitions") {
            try connection.column(
                """
                SELECT DISTINCT split_part(owner, '/', 2) FROM weir.partition WHERE topology = '\(topology.name)'
                """) == ["\(worker.processID)"]
        }
    }
}
