// billing.usage.v1 and slo.lag.v1 as others read them: Python, confluent-kafka and fastavro, none of which shares code with Weir.

import Foundation
import TestSupport
import Testing
import WeirBench
import WeirCore
import WeirKafka
import WeirPostgres

private let python: String? = {
    guard let python = ProcessInfo.processInfo.environment["WEIR_PYTHON"],
        (try? Command.run(python, "-c", "import confluent_kafka, fastavro")) != nil
    else { return nil }
    return python
}()

@Suite(.enabled(if: python != nil, "needs $WEIR_PYTHON with confluent-kafka and fastavro (make setup)"))
struct IndependentReaderTests {
    private struct Message: Decodable {
        struct Source: Decodable {
            let topic: String
            let partition: Int
            let firstOffset: Int64
            let lastOffset: Int64

            enum CodingKeys: String, CodingKey {
                case topic, partition
                case firstOffset = "first_offset"
                case lastOffset = "last_offset"
            }
        }
        let key: String
        let partition: Int
        let organisation: String
        let meter: String
        let windowStart: String
        let windowEnd: String
        let dimensions: [String: String]
        let aggregate: String
        let quantity: String
        let eventCount: Int64
        let revision: Int64
        let firstEventAt: String
        let lastEventAt: String
        let provenance: [Source]
        let topology: String
        let topologyVersion: Int

        enum CodingKeys: String, CodingKey {
            case key, partition, meter, dimensions, aggregate, quantity, revision, provenance, topology
            case organisation = "org_id"
            case windowStart = "window_start"
            case windowEnd = "window_end"
            case eventCount = "event_count"
            case firstEventAt = "first_event_at"
            case lastEventAt = "last_event_at"
            case topologyVersion = "topology_version"
        }
    }

    @Test func everyFieldOfTheNewestRevisionIsTheTables() throws {
        // With dimensions, one of them from a map that mostly lacks it.
        let copy = try TopologyCopy("topologies/billing-usage.yaml") {
            $0.replacing(
                "    field: input_tokens\n", with: "    field: input_tokens\n    group_by: [model, dimensions.team]\n")
        }
        let rig = try Rig(file: copy.file)
        try rig.start("a")
        let expectation = try rig.produce(rig.options(events: 10_000))
        try rig.expectExact(expectation)
        let messages: [Message] = try decoded(rig, rig.topic("billing.usage.v1"), "billing.usage.v1", id: 4)
        var newest: [String: Message] = [:]
        for message in messages {
            if let known = newest[message.key] {
                #expect(known.partition == message.partition, "\(message.key) is in two partitions")
                #expect(known.revision < message.revision, "\(message.key) goes back")
            }
            newest[message.key] = message
        }
        #expect(Set(newest.values.map(line)) == Set(try rows(rig)))
        #expect(newest.count == expectation.usage.count)
    }

    /// Of everything a minute is made of; against what went in, which fastavro knows nothing of.
    private struct Minute: Decodable {
        let key: String
        let partition: Int
        let orgId: String
        let idempotencyKey: String
        let topology: String
        let sourceTopic: String
        let sourcePartition: Int
        let minute: String
        let beganAt: String
        let coveredMs: Int64
        let overdueMs: Int64
        let records: Int64
        let good: Int64
        let lineUs: Int64
        let targetPpm: Int64
        let p50Us: Int64?
        let p99Us: Int64?
        let maxUs: Int64?
        let owner: String
        let epoch: Int64
    }

    @Test func minutesOfLagAreWhatWasCommitted() throws {
        let rig = try Rig(partitions: 2)
        let worker = try rig.start("a")
        try rig.produce(rig.options(events: 2_000))
        try rig.waitUntilProcessed()
        #expect(try rig.stop(worker) == 0)
        let topic = try #require(rig.topology.outputs.lag)
        let minutes: [Minute] = try decoded(rig, topic, "slo.lag.v1", id: 5, keys: .convertFromSnakeCase)
        #expect(!minutes.isEmpty)
        #expect(Set(minutes.map(\.partition)).count == 1, "all of a topology are in one partition")
        #expect(Set(minutes.map(\.idempotencyKey)).count == minutes.count)
        var records: [TopicPartition: Int64] = [:]
        for minute in minutes {
            let source = TopicPartition(topic: minute.sourceTopic, partition: Int32(minute.sourcePartition))
            records[source, default: 0] += minute.records
            #expect([minute.key, minute.orgId, minute.topology].allSatisfy { $0 == rig.topology.name })
            // As Python's str shows a datetime, which fastavro made of the logical type.
            #expect(minute.minute.wholeMatch(of: /20\d\d-\d\d-\d\d \d\d:\d\d:00\+00:00/) != nil, "\(minute)")
            #expect(minute.beganAt >= minute.minute && minute.beganAt.prefix(16) == minute.minute.prefix(16))
            let stem = "\(rig.topology.name)/\(minute.sourceTopic)/\(minute.sourcePartition)/"
            #expect(minute.idempotencyKey.hasPrefix(stem), "\(minute.idempotencyKey)")
            #expect((0...60_000).contains(minute.coveredMs) && minute.good <= minute.records)
            #expect(minute.coveredMs + minute.records > 0, "nothing to tell of")
            #expect([0, minute.coveredMs].contains(minute.overdueMs))
            #expect(minute.lineUs == 2_000_000 && minute.targetPpm == 990_000)
            #expect(minute.owner.contains("/\(worker.processID)/") && minute.epoch > 0)
            if minute.records > 0 {
                let half = try #require(minute.p50Us)
                let most = try #require(minute.p99Us)
                let longest = try #require(minute.maxUs)
                #expect(half > 0 && half <= most && most <= longest)
            } else {
                #expect(minute.p50Us == nil && minute.p99Us == nil && minute.maxUs == nil)
            }
        }
        #expect(try records.filter { $0.value > 0 } == rig.inputEnds())
    }

    /// All messages of a topic, by Python.
    private func decoded<Value: Decodable>(
        _ rig: Rig, _ topic: String, _ contract: String, id: Int,
        keys: JSONDecoder.KeyDecodingStrategy = .useDefaultKeys
    ) throws -> [Value] {
        let text = try Command.run(
            try #require(python), Repository.path("Tests/Integration/Clients/read_messages.py"), rig.brokers, topic,
            Repository.path("schemas/\(contract)/1.avsc"), String(id))
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = keys
        return try text.split(separator: "\n").map { try decoder.decode(Value.self, from: Data($0.utf8)) }
    }

    /// As Python's str shows the values.
    private func line(_ message: Message) -> String {
        let sources = message.provenance.map { "\($0.topic)/\($0.partition)/\($0.firstOffset)/\($0.lastOffset)" }
        return [
            message.organisation, message.meter, message.windowStart, message.windowEnd, message.aggregate,
            message.quantity, "\(message.eventCount)", "\(message.revision)", message.firstEventAt,
            message.lastEventAt, sources.joined(separator: "+"), message.topology, "\(message.topologyVersion)",
            message.dimensions.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: ","),
        ].joined(separator: "|")
    }

    private func rows(_ rig: Rig) throws -> [String] {
        func time(_ column: String) -> String {
            """
            to_char(\(column) AT TIME ZONE 'UTC', CASE WHEN extract(microseconds FROM \(column))::int8 % 1000000 = 0
                THEN 'YYYY-MM-DD HH24:MI:SS' ELSE 'YYYY-MM-DD HH24:MI:SS.US' END) || '+00:00'
            """
        }
        return try rig.connection.column(
            """
            SELECT concat_ws('|', org_id, meter, \(time("window_start")), \(time("window_end")), aggregate, quantity,
                event_count, revision, \(time("first_event_at")), \(time("last_event_at")),
                concat_ws('/', source_topic, source_partition, first_offset, last_offset), topology, topology_version,
                coalesce((SELECT string_agg(key || '=' || value, ',' ORDER BY key COLLATE "C") FROM jsonb_each_text(dimensions)), ''))
            FROM billing.usage
            """)
    }
}
