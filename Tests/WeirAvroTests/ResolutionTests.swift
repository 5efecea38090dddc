// Plans of a writer and a reader: what is promoted, renamed, defaulted and refused.

import Testing
import WeirAvro
import WeirCore

@Suite struct ResolutionTests {
    /// Reads `paths` as identities from a value written with `writer`.
    func read(_ writer: AvroSchema, _ reader: AvroSchema?, _ value: AvroValue, _ paths: String...) throws -> [Content] {
        var encoded = AvroWriter()
        try value.encode(schema: writer, into: &encoded)
        let plan = try DecodePlan(writer: writer, reader: reader, fields: paths.map(identity))
        return try plan.contents(of: encoded.bytes)
    }

    func refusal(_ writer: AvroSchema, _ reader: AvroSchema, _ request: FieldRequest) -> PlanError? {
        do throws(PlanError) {
            _ = try DecodePlan(writer: writer, reader: reader, fields: [request])
            return nil
        } catch {
            return error
        }
    }

    @Test func defaultsFillWhatTheWriterLacks() throws {
        let writer = try record(#"{"name": "a", "type": "long"}"#)
        let reader = try record(
            #"""
            {"name": "text", "type": "string", "default": "eu-west-1"},
            {"name": "a", "type": "long"},
            {"name": "number", "type": "int", "default": 7},
            {"name": "flag", "type": "boolean", "default": true},
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "default": 5},
            {"name": "maybe", "type": ["null", "string"], "default": null},
            {"name": "op", "type": {"type": "enum", "name": "E", "symbols": ["A", "B"]}, "default": "B"},
            {"name": "nested", "type": {"type": "record", "name": "N", "fields": [
                {"name": "x", "type": "string"}]}, "default": {"x": "deep"}},
            {"name": "tags", "type": {"type": "map", "values": "string"}, "default": {"k": "v"}}
            """#)
        let contents = try read(
            writer, reader, .record([.long(3)]), "text", "a", "number", "flag", "at", "maybe", "op", "nested.x",
            "tags.k",
            "tags.none")
        #expect(contents == ["eu-west-1", 3, 7, 1, 5000, .null, "B", "deep", "v", .null])
        let extent = FieldRequest(FieldPath("text"), .extent)
        let plan = try DecodePlan(writer: writer, reader: reader, fields: [extent])
        #expect(try plan.contents(of: [0x06]) == [.bytes([0x12] + Array("eu-west-1".utf8))])
    }

    @Test func aFieldWithNoDefaultIsMissing() throws {
        let writer = try record(#"{"name": "a", "type": "long"}"#)
        let reader = try record(#"{"name": "b", "type": "string"}"#)
        let error = try #require(refusal(writer, reader, identity("b")))
        #expect(error.reason == .missingField)
        #expect(error.description == "b: test.avsc does not have it, and test.avsc has no default")
        #expect(refusal(writer, writer, identity("b"))?.reason == .missingField)
        #expect(refusal(writer, writer, FieldRequest(FieldPath("a"), .time))?.reason == .badRequest)
    }

    @Test func aliasesFindFormerNames() throws {
        let writer = try record(
            #"""
            {"name": "old", "type": "long"},
            {"name": "dev", "type": {"type": "record", "name": "D", "fields": [{"name": "m", "type": "string"}]}}
            """#)
        let reader = try record(
            #"""
            {"name": "device", "aliases": ["dev"], "type": {"type": "record", "name": "D", "fields": [
                {"name": "model", "aliases": ["x", "m"], "type": "string"}]}},
            {"name": "new", "aliases": ["old"], "type": "long"}
            """#)
        let value = AvroValue.record([.long(9), .record([.string("x1")])])
        #expect(try read(writer, reader, value, "device.model", "new") == ["x1", 9])
    }

    @Test func promotions() throws {
        let cases: [(String, String, AvroValue, Content)] = [
            (#""int""#, #""long""#, .int(-5), -5), (#""string""#, #""bytes""#, .string("ä"), "ä"),
            (#""bytes""#, #""string""#, .bytes([97]), "a"), (#""int""#, #"["null", "long"]"#, .int(1), 1),
            (#"["null", "int"]"#, #""long""#, .union(1, .int(1)), 1),
            (#"["null", "int"]"#, #"["long", "null"]"#, .union(0, .null), .null),
            (#"["int", "string", "double"]"#, #""long""#, .union(0, .int(4)), 4),
            (#"["int", "null", "double"]"#, #""long""#, .union(1, .null), .null),
            (
                #"{"type": "long", "logicalType": "timestamp-millis"}"#,
                #"{"type": "long", "logicalType": "timestamp-micros"}"#, .long(2), 2000
            ),
            (#""long""#, #"{"type": "long", "logicalType": "timestamp-millis"}"#, .long(2), 2000),
            (
                #"{"type": "enum", "name": "E", "symbols": ["A", "B"]}"#,
                #"{"type": "enum", "name": "E", "symbols": ["B", "C"], "default": "C"}"#, .enumeration(0), "C"
            ),
        ]
        for (writer, reader, value, content) in cases {
            #expect(
                try read(try single(writer), try single(reader), .record([value]), "f") == [content], "\(writer)")
        }
    }

    @Test func invalidTextIsNoString() throws {
        let plan = try DecodePlan(
            writer: try single(#""bytes""#), reader: try single(#""string""#), fields: [identity("f")])
        #expect(plan.error(of: [0x02, 0xff])?.code == .invalidUTF8)
    }

    @Test func whatCannotBeReadIsRefused() throws {
        let decimal = #"{"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}"#
        let finer = #"{"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 3}"#
        let cases = [
            (#""long""#, #""int""#), (#""string""#, #""long""#), (#""double""#, #""long""#), (decimal, finer),
            (#"{"type": "fixed", "name": "F", "size": 2}"#, #"{"type": "fixed", "name": "F", "size": 3}"#),
            (#"["string", "double"]"#, #""long""#), (#"{"type": "array", "items": "long"}"#, #""long""#),
        ]
        for (writer, reader) in cases {
            let error = refusal(try single(writer), try single(reader), identity("f"))
            #expect(error?.reason == .incompatible, "\(writer) as \(reader)")
        }
        #expect(
            refusal(try single(#""string""#), try single(#""long""#), identity("f"))?.description
                == "f: written as string, not readable as long of test.avsc")
        #expect(refusal(try schema(#""string""#), try single(#""long""#), identity("f"))?.reason == .incompatible)
    }

    @Test func branchesTheReaderCannotTakeFailWhenMet() throws {
        let plan = try DecodePlan(
            writer: try single(#"["int", "string"]"#), reader: try single(#""long""#), fields: [identity("f")])
        #expect(try plan.contents(of: [0x00, 0x02]) == [1])
        #expect(plan.error(of: [0x02, 0x00])?.code == .unreadableBranch)
        let symbols = try DecodePlan(
            writer: try single(#"{"type": "enum", "name": "E", "symbols": ["A", "B"]}"#),
            reader: try single(#"{"type": "enum", "name": "E", "symbols": ["B"]}"#), fields: [identity("f")])
        #expect(try symbols.contents(of: [0x02]) == ["B"])
        #expect(symbols.error(of: [0x00])?.code == .unknownSymbol)
    }

    @Test func mapEntries() throws {
        let schema = try single(#"{"type": "map", "values": ["null", "string"]}"#)
        let value = AvroValue.record([
            .map([
                .init("a", .union(1, .string("first"))), .init("b", .union(0, .null)),
                .init("a", .union(1, .string("last"))), .init("aa", .union(1, .string("other"))),
            ])
        ])
        #expect(try read(schema, nil, value, "f.a", "f.b", "f.c", "f.aa") == ["last", .null, .null, "other"])
    }

    @Test func entriesOfMapsOfText() throws {
        let schema = try single(#"{"type": "map", "values": "string"}"#)
        let plan = try DecodePlan(writer: schema, reader: nil, fields: ["f.a", "f.b", "f.c", "f.a"].map(identity))
        // A block of two entries with its size, one of one entry without, and a key that stands there twice.
        let body: [UInt8] = [3, 16, 2, 0x61, 2, 0x31, 2, 0x62, 2, 0x32, 2, 2, 0x61, 2, 0x33, 0]
        #expect(try plan.contents(of: body) == ["3", "2", .null, "3"])
        for size: UInt8 in [14, 18, 15, 60] {
            var wrong = body
            wrong[1] = size
            #expect(plan.error(of: wrong) != nil)
        }
        #expect(try plan.contents(of: [0]) == [.null, .null, .null, .null])
        let invalid = try #require(plan.error(of: [2, 2, 0x61, 2, 0xff, 0]))
        #expect(plan.describe(invalid) == "f.a: a string is not valid UTF-8 (byte 4 of the body)")
        #expect(plan.error(of: [2, 2, 0x7a, 2, 0xff, 0]) == nil, "nobody asked for that entry")
    }

    @Test func oneFieldForSeveralUses() throws {
        let schema = try record(
            #"{"name": "n", "type": "long"}, {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}}"#
        )
        let number = FieldPath("n")
        let requests = [
            FieldRequest(number, .measure), FieldRequest(number, .identity), FieldRequest(number, .extent),
            FieldRequest(number, .extent), FieldRequest(FieldPath("at"), .time), identity("at"),
        ]
        let plan = try DecodePlan(writer: schema, reader: nil, fields: requests)
        #expect(try plan.contents(of: [0x80, 0x01, 0x0a]) == [64, 64, .bytes([0x80, 1]), .bytes([0x80, 1]), 5, 5])
    }

    @Test func nullableRecordsGiveNulls() throws {
        let schema = try single(
            #"""
            ["null", {"type": "record", "name": "D", "fields": [
                {"name": "a", "type": "string"}, {"name": "b", "type": ["null", "long"]}]}]
            """#)
        #expect(try read(schema, nil, .record([.union(0, .null)]), "f.a", "f.b") == [.null, .null])
        let full = AvroValue.record([.union(1, .record([.string("x"), .union(1, .long(2))]))])
        #expect(try read(schema, nil, full, "f.a", "f.b") == ["x", 2])
    }

    @Test func staleValuesDoNotSurvive() throws {
        let schema = try record(
            #"{"name": "m", "type": {"type": "map", "values": "string"}}, {"name": "u", "type": ["null", "long"]}"#)
        let plan = try DecodePlan(writer: schema, reader: nil, fields: [identity("m.k"), identity("u")])
        let stale = FieldValue(kind: .integer, integer: 42)
        #expect(try plan.values(of: [0, 0], over: stale).map(\.kind) == [.null, .null])
    }
}
