// billing.usage.v1 as others read it: Python, confluent-kafka and fastavro, none of which shares code with Weir.

import Foundation
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
            let first_offset: Int64
            let last_offset: Int64
        }
        let key: String
        let partition: Int
        let org_id: String
        let meter: String
        let window_start: String
        let window_end: String
        let dimensions: [String: String]
        let aggregate: String
        let quantity: String
        let event_count: Int64
        let revision: Int64
        let first_event_at: String
        let last_event_at: String
        let provenance: [Source]
        let topology: String
        let topology_version: Int
    }

    @Test func everyFieldOfTheNewestRevisionIsTheTables() throws {
        let rig = try Rig()
        try rig.start("a")
        let expectation = try rig.produce(rig.options(events: 10_000))
        try rig.expectExact(expectation)
        let text = try Command.run(
            try #require(python), Repository.path("Tests/Integration/Support/read_usage.py"), rig.brokers,
            "billing.usage.v1", Repository.path("schemas/billing.usage.v1/1.avsc"), "4")
        let messages = try text.split(separator: "\n").map { try JSONDecoder().decode(Message.self, from: Data($0.utf8)) }
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

    /// Python shows a Decimal with its scale and a time like PostgreSQL does, but for fractions of zero.
    private func line(_ message: Message) -> String {
        let sources = message.provenance.map { "\($0.topic)/\($0.partition)/\($0.first_offset)/\($0.last_offset)" }
        return [
            message.org_id, message.meter, message.window_start, message.window_end, message.aggregate,
            message.quantity, "\(message.event_count)", "\(message.revision)", message.first_event_at,
            message.last_event_at, sources.joined(separator: "+"), message.topology, "\(message.topology_version)",
            "\(message.dimensions.count)",
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
                concat_ws('/', source_topic, source_partition, first_offset, last_offset), topology, topology_version, 0)
            FROM billing.usage
            """)
    }
}
