// Every reason for which a record is refused before it counts.

import Testing
import WeirCore

@Suite struct RejectionTests {
    private static let meters: [Meter] = [
        .sketch("sum", .sum, "size", by: ["region"], per: "1h"), .sketch("users", .unique, "user", per: "1h"),
    ]
    private static let now: Int64 = 1_000_000_000_000
    private static let good = SketchRecord(fields: [
        ("org", .text("org")), ("id", .text("id")), ("at", .integer(now)), ("size", .integer(5)),
        ("region", .text("eu")), ("user", .text("u")),
    ])

    private func apply(_ path: String, _ value: SketchRecord.Value, key: [UInt8]? = nil) -> MeterBatch.Outcome {
        var harness = BatchHarness(.sketch(Self.meters, earliest: 1000))
        var record = Self.good
        record[path] = value
        let outcome = harness.apply(record, key: key, now: Self.now)
        if case .rejected = outcome {
            // No trace is left: a mended copy with the same key counts.
            #expect(harness.batch.isEmpty && harness.batch.members.isEmpty)
            #expect(harness.progress[0].newKeys.isEmpty)
            let mended = harness.apply(Self.good, now: Self.now)
            #expect(mended == .counted(late: false))
        }
        return outcome
    }

    private func field(_ path: String, _ use: FieldRequest.Use) -> Int? {
        let topology = Topology.sketch(Self.meters)
        let plan = SourcePlan(source: topology.sources[0], topology: topology)
        return plan.requests.firstIndex(of: FieldRequest(FieldPath(path), use))
    }

    private func rejected(_ reason: DeadLetterReason, _ path: String, _ use: FieldRequest.Use, _ value: Int64 = 0)
        -> MeterBatch.Outcome
    {
        .rejected(Rejection(reason, field: field(path, use), value: value))
    }

    @Test func refusesMissingFields() {
        for path in ["org", "id"] {
            #expect(apply(path, .null) == rejected(.missingField, path, .identity))
            #expect(apply(path, .text("")) == rejected(.missingField, path, .identity))
        }
        #expect(apply("at", .null) == rejected(.missingField, "at", .time))
        #expect(apply("size", .null) == rejected(.missingField, "size", .measure))
        #expect(apply("user", .null) == rejected(.missingField, "user", .identity))
        #expect(apply("region", .null) == .counted(late: false))
        #expect(apply("user", .text("")) == .counted(late: false))
    }

    @Test(arguments: [("org", 512), ("id", 512), ("region", 1024), ("user", 512)])
    func refusesTextThatPostgreSQLCannotHold(path: String, limit: Int) {
        let longest = String(repeating: "x", count: limit)
        #expect(apply(path, .text(longest)) == .counted(late: false))
        #expect(apply(path, .text(longest + "x")) == rejected(.invalidText, path, .identity))
        for text in ["\0", "a\0", "\0a", "aaaaaaaaaaaa\0aaaaaaaaaaaa"] {
            // Idempotency keys and members are hashed only.
            let expected =
                path == "id" || path == "user" ? .counted(late: false) : rejected(.invalidText, path, .identity)
            #expect(apply(path, .text(text)) == expected)
        }
        #expect(apply(path, .text("zwölf 🌊 \u{1}\u{7f}\u{10ffff}")) == .counted(late: false))
    }

    /// Avro's bytes and fixed need not be text; as a column, and in JSON, they must be.
    @Test(arguments: ["org", "region"])
    func refusesBytesThatAreNotUTF8(path: String) {
        for bytes: [UInt8] in [[0xff], [0x61, 0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf4, 0x90, 0x80, 0x80]] {
            #expect(apply(path, .bytes(bytes)) == rejected(.invalidText, path, .identity))
        }
    }

    /// Eight bytes are looked at at once: wherever the odd one is, and however long the text.
    @Test func findsTheOddByteAnywhere() {
        for length in 1...25 {
            for place in 0..<length {
                for odd: UInt8 in [0, 1, 0x7f, 0x80, 0xff] {
                    var bytes = (0..<length).map { UInt8(ascii: "a") + UInt8($0) }
                    bytes[place] = odd
                    let expected =
                        odd == 1 || odd == 0x7f
                        ? MeterBatch.Outcome.counted(late: false) : rejected(.invalidText, "region", .identity)
                    #expect(apply("region", .bytes(bytes)) == expected, "\(odd) at \(place) of \(length)")
                }
            }
        }
    }

    @Test func refusesDimensionsTooLongTogether() {
        let groups = ["a", "b", "c", "d", "e"]
        let topology = Topology.sketch([.sketch("m", .count, by: groups, per: "1h")])
        func outcome(_ lengths: [Int]) -> MeterBatch.Outcome {
            var harness = BatchHarness(topology)
            var record = Self.good
            for (name, length) in zip(groups, lengths) { record[name] = .text(String(repeating: "x", count: length)) }
            return harness.apply(record, now: Self.now)
        }
        #expect(outcome([512, 512, 0, 0, 0]) == .counted(late: false))
        #expect(outcome([200, 200, 200, 200, 224]) == .counted(late: false))
        let plan = SourcePlan(source: topology.sources[0], topology: topology)
        for (lengths, field) in [([512, 512, 1, 0, 0], "c"), ([200, 200, 200, 200, 225], "e")] {
            let index = plan.requests.firstIndex(of: FieldRequest(FieldPath(field), .identity))
            #expect(outcome(lengths) == .rejected(Rejection(.invalidText, field: index)))
        }
    }

    /// Conflicts are stored with their idempotency key as text, whatever bytes it is made of.
    @Test func describesAnyBytesAsTextThatPostgreSQLHolds() {
        var record = Self.good
        record["id"] = .bytes([0x61, 0, 0xff, 0x62])
        let parts = record.decoded([FieldRequest(FieldPath("id"), .identity)])
        let decoded = DecodedRecord(
            body: parts.body.span.bytes, constants: parts.constants.span.bytes, fields: parts.fields.span, offset: 0)
        let text = decoded.description(of: 0)
        #expect(text == "a\u{fffd}\u{fffd}b")
    }

    @Test func refusesAnotherKafkaKey() {
        for key in ["", "or", "org ", "orG", "Org"] {
            #expect(apply("size", .integer(1), key: Array(key.utf8)) == rejected(.keyMismatch, "org", .identity))
        }
        #expect(apply("size", .integer(1), key: Array("org".utf8)) == .counted(late: false))
    }

    /// Eight bytes are compared at once: wherever the other one is, and however long the key.
    @Test func findsAnotherKeyAnywhere() {
        for length in 1...25 {
            let organisation = (0..<length).map { UInt8(ascii: "a") + UInt8($0) }
            #expect(apply("org", .bytes(organisation), key: organisation) == .counted(late: false))
            for place in 0..<length {
                var key = organisation
                key[place] ^= 0x80
                let outcome = apply("org", .bytes(organisation), key: key)
                #expect(outcome == rejected(.keyMismatch, "org", .identity), "\(place) of \(length)")
            }
        }
    }

    @Test func refusesTimesOutOfRange() {
        let ahead: Int64 = 86_400_000_000
        for time in [Int64.min, -1, 0, 999, Self.now + ahead + 1, Int64.max] {
            #expect(apply("at", .integer(time)) == rejected(.timeOutOfRange, "at", .time, time))
        }
        #expect(apply("at", .integer(1000)) == .counted(late: true))
        #expect(apply("at", .integer(Self.now + ahead)) == .counted(late: false))
    }

    @Test func refusesNegativeQuantities() {
        for size in [-1, Int64.min] {
            #expect(apply("size", .integer(size)) == rejected(.negativeQuantity, "size", .measure, size))
        }
        #expect(apply("size", .integer(0)) == .counted(late: false))
        #expect(apply("size", .integer(.max)) == .counted(late: false))
    }

    /// Decimals come as two's complement, big endian, of any length.
    @Test func readsDecimals() {
        let fits: [(bytes: [UInt8], value: Int128)] = [
            ([0], 0), ([5], 5), ([0, 5], 5), ([0x7f], 127), ([0, 0x80], 128), ([1, 0], 256),
            ([0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Int128(Int64.max)),
            ([UInt8](repeating: 0, count: 20) + [9], 9),
        ]
        for (bytes, value) in fits {
            var harness = BatchHarness(.sketch(Self.meters))
            var record = Self.good
            record["size"] = .bytes(bytes)
            let outcome = harness.apply(record, now: Self.now)
            #expect(outcome == .counted(late: false))
            #expect(harness.batch.deltas[0].quantity == value)
        }
        let negative: [(bytes: [UInt8], value: Int64)] = [
            ([0xff], -1), ([0x80], -128), ([0xff, 0x7f], -129), ([UInt8](repeating: 0xff, count: 20), -1),
            ([0x80, 0, 0, 0, 0, 0, 0, 0], .min), ([0xff, 0x80, 0, 0, 0, 0, 0, 0, 0], .min),
        ]
        for (bytes, value) in negative {
            #expect(apply("size", .bytes(bytes)) == rejected(.negativeQuantity, "size", .measure, value))
        }
        for bytes: [UInt8] in [
            [], [0, 0x80, 0, 0, 0, 0, 0, 0, 0], [0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            [UInt8](repeating: 0x7f, count: 16),
        ] {
            #expect(apply("size", .bytes(bytes)) == rejected(.quantityOutOfRange, "size", .measure))
        }
    }
}
