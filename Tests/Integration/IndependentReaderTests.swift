// billing.usage.v1 as others read it: Python, confluent-kafka and fastavro, none of which shares code with Weir.

import Foundation
import TestSupport
import Testing
import WeirBench
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
        let text = try Command.run(
            try #require(python), Repository.path("Tests/Integration/Support/read_usage.py"), rig.brokers,
            rig.topic("billing.usage.v1"), Repository.path("schemas/billing.usage.v1/1.avsc"), "4")
        let messages = try text.split(separator: "\n").map {
            try JSONDecoder().decode(Message.self, from: Data($0.utf8))
        }
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
