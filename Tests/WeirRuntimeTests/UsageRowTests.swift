// Published rows, read back under the contract.

import Foundation
import Testing
import WeirAvro
import WeirCore
import WeirKafka
import WeirRuntime

@Suite struct UsageRowTests {
    private static func contract() throws -> AvroSchema {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let path = root.appending(path: "schemas/billing.usage.v1/1.avsc")
        return try AvroSchema(parsing: String(contentsOf: path, encoding: .utf8), source: "1.avsc")
    }

    private static let topology = Topology(
        name: "billing-usage", version: 3, group: "g", sources: [], meters: [],
        outputs: Outputs(table: "billing.usage", topic: "billing.usage.v1", schema: "billing.usage.v1"),
        limits: Limits())

    private static func row(
        quantity: Int128 = 0, dimensions: [(name: String, value: String)] = [],
        provenance: [(source: TopicPartition, first: Int64, last: Int64)] = [
            (TopicPartition(topic: "t", partition: 0), 0, 0)
        ], time: Int64 = 1_790_000_000_000_000, organisation: String = "org"
    ) -> UsageRow {
        UsageRow(
            organisation: organisation, meter: "meter", windowStart: time, windowEnd: time + 1, dimensions: dimensions,
            aggregate: .max, quantity: quantity, eventCount: .max, revision: 4, firstEventAt: time - 5,
            lastEventAt: time + 7, provenance: provenance)
    }

    /// Two's complement of as few bytes as hold it, found by trying.
    private static func decimal(_ value: Int128) -> [UInt8] {
        var size = 1
        while size < 16, value < -(Int128(1) << Int128(8 * size - 1)) || value >= Int128(1) << Int128(8 * size - 1) {
            size += 1
        }
        return (0..<size).reversed().map { UInt8(truncatingIfNeeded: value >> Int128(8 * $0)) }
    }

    private static func expect(_ row: UsageRow, sourceLocation: SourceLocation = #_sourceLocation) throws {
        var writer = AvroWriter()
        let message = row.message(topic: "out", schemaID: 0x0102_0304, topology: topology, into: &writer)
        let payload = try #require(message.payload)
        #expect(message.topic == "out")
        #expect(Array(payload.prefix(5)) == [0, 1, 2, 3, 4])
        let value = try AvroValue.decode(schema: contract(), from: payload.span.bytes.extracting(5..<payload.count))
        #expect(
            value
                == .record([
                    .string(row.organisation), .string(row.meter), .long(row.windowStart), .long(row.windowEnd),
                    .map(row.dimensions.map { AvroValue.Entry($0.name, .string($0.value)) }),
                    .string(row.aggregate.rawValue), .bytes(decimal(row.quantity)), .long(row.eventCount),
                    .long(row.revision), .long(row.firstEventAt), .long(row.lastEventAt),
                    .array(
                        row.provenance.map {
                            .record([
                                .string($0.source.topic), .int($0.source.partition), .long($0.first), .long($0.last),
                            ])
                        }),
                    .string("billing-usage"), .int(3),
                ]), sourceLocation: sourceLocation)
        #expect(message.key == Array(row.key.utf8))
        #expect(message.headers == [KafkaHeader("idempotency-key", "billing.usage|\(row.key)@4")])
    }

    @Test func holdsTheContractsFields() throws {
        guard case .record(let fields) = try Self.contract()[Self.contract().root].kind else {
            Issue.record("the contract is no record")
            return
        }
        #expect(fields.map(\.name) == UsageRow.contract)
    }

    @Test func readsBackUnderTheContract() throws {
        try Self.expect(Self.row())
        try Self.expect(Self.row(dimensions: [("region", "eu"), ("plan", ""), ("ü\"\n", "🌊\\")], organisation: "ö|\""))
        try Self.expect(
            Self.row(provenance: [
                (TopicPartition(topic: "a", partition: 0), 0, .max),
                (TopicPartition(topic: "b", partition: .max), 5, 6),
                (TopicPartition(topic: "a", partition: 2), 7, 7),
            ]))
        try Self.expect(Self.row(time: -1_000_000_000_000_000))
    }

    @Test func writesQuantitiesOfAnySize() throws {
        var quantities: [Int128] = [0, 1, -1, .max, .min, Int128.max - 1, Int128.min + 1]
        for bits in 0..<127 {
            let power = Int128(1) << Int128(bits)
            quantities += [power, power - 1, -power, -power - 1]
        }
        for quantity in quantities { try Self.expect(Self.row(quantity: quantity)) }
    }

    @Test func namesEachWindowOnce() {
        let rows = [
            Self.row(), Self.row(time: 0), Self.row(organisation: "other"), Self.row(dimensions: [("a", "")]),
            Self.row(dimensions: [("a", "b")]), Self.row(dimensions: [("a", "b"), ("c", "d")]),
            Self.row(dimensions: [("a", "b\",\"c\":\"d")]),
        ]
        #expect(Set(rows.map(\.key)).count == rows.count)
        // The total may change, the name of the window does not.
        #expect(Self.row(quantity: 5).key == Self.row(quantity: 6).key)
    }

    @Test func readsOtherSources() {
        let read = Provenance.parse(#"{"b/c/1": [5, 9], "a/0": [0, 9223372036854775807]}"#)
        #expect(
            read.map(\.source) == [
                TopicPartition(topic: "a", partition: 0), TopicPartition(topic: "b/c", partition: 1),
            ])
        #expect(read.map(\.first) == [0, 5])
        #expect(read.map(\.last) == [.max, 9])
        for text in [
            "", "{}", "[]", "null", #"{"a": [1, 2]}"#, #"{"a/x": [1, 2]}"#, #"{"a/1": [1]}"#, #"{"a/1": "x"}"#,
        ] {
            #expect(Provenance.parse(text).isEmpty)
        }
    }
}
