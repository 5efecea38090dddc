// Schemas that are made to do harm: refused, or dealt with in no time.

import Testing
import WeirAvro
import WeirCore

@Suite struct HostileSchemaTests {
    private func expectQuick(_ work: () throws -> Void) rethrows {
        let spent = try ContinuousClock().measure(work)
        #expect(spent < .seconds(10))
    }

    private func refusal(_ text: String) -> String {
        do throws(SchemaError) {
            _ = try AvroSchema(parsing: text, source: "hostile")
            return "accepted"
        } catch {
            return String(error.message.prefix(300))
        }
    }

    @Test func largeTextsAreRefused() throws {
        expectQuick {
            #expect(refusal("\"" + String(repeating: "x", count: 5 << 20) + "\"").contains("more than 4194304 bytes"))
            let types = Array(repeating: "\"int\"", count: 70_000).joined(separator: ",")
            #expect(refusal(#"[{"type": "array", "items": "int"}, \#(types)]"#).contains("already has a branch"))
            let fields = (0..<66_000).map { #"{"name":"f\#($0)","type":"int"}"# }.joined(separator: ",")
            #expect(refusal(#"{"type":"record","name":"R","fields":[\#(fields)]}"#).contains("more than 65536 types"))
        }
    }

    @Test(arguments: [
        (#"{"type": "fixed", "name": "a..b", "size": 1}"#, "found \"a..b\""),
        (#"{"type": "fixed", "name": "1a", "size": 1}"#, "found \"1a\""),
        (#"{"type": "fixed", "name": "ä", "size": 1}"#, "found \"ä\""),
        (#"{"type": "fixed", "name": "", "size": 1}"#, "found \"\""),
        (#"{"type": "fixed", "name": "n.string", "size": 1}"#, "is the name of an Avro type"),
        (#"{"type": "fixed", "name": "F", "namespace": "a-b", "size": 1}"#, "found \"a-b.F\""),
        (#"{"type": "fixed", "name": "F", "aliases": ["b c"], "size": 1}"#, "at /aliases/0: expected a name"),
        (#"{"type": "fixed", "name": "F", "size": 1e400}"#, "not JSON"),
        (#"{"type": "fixed", "name": "F", "size": 99999999999}"#, "expected a size from 0 to 2147483647"),
        (#"{"type": "enum", "name": "E", "symbols": ["A\u0000"]}"#, "expected a symbol"),
        (#"{"type": "record", "name": "R", "fields": [{"name": "f", "type": "T"}]}"#, "not defined before this point"),
    ])
    func mistakesAreNamed(text: String, words: String) {
        #expect(refusal(text).contains(words), "\(refusal(text))")
    }

    /// Each record holds the one before it: no text is deep, and the type is.
    @Test func typesMayBeDeepThroughNames() throws {
        try expectQuick {
            let records = (0..<20_000).map { index in
                let inner = index == 0 ? "\"int\"" : "\"R\(index - 1)\""
                return
                    #"{"name":"g\#(index)","type":{"type":"record","name":"R\#(index)","fields":[{"name":"f","type":\#(inner)}]}}"#
            }
            let deep = try schema(#"{"type":"record","name":"R","fields":[\#(records.joined(separator: ","))]}"#)
            _ = deep.canonicalForm
            let body = [UInt8](repeating: 2, count: 1000)
            #expect(throws: ValueError.self) { try decode(deep, body) }
            let plan = try DecodePlan(writer: deep, reader: nil, fields: [identity("g0.f")])
            #expect(plan.error(of: body)?.code == .tooDeep)
        }
    }

    @Test func unionsDoNotMultiply() throws {
        try expectQuick {
            func union(_ prefix: String) throws -> AvroSchema {
                let branches = (0..<10_000).map { #"{"type":"fixed","name":"\#(prefix)\#($0)","size":1}"# }
                return try schema("[\(branches.joined(separator: ","))]")
            }
            let writer = try union("A")
            #expect(throws: PlanError.self) { try ValueDecoder(writer: writer, reader: union("B")) }
            #expect(try decode(writer, [0x9e, 0x9c, 0x01, 7]) == .union(9999, .fixed([7])))
        }
    }

    @Test func defaultsDoNotMultiply() {
        expectQuick {
            let inner = #"{"name": "b", "type": ["string", "A", "B"], "default": {}}"#
            let field =
                #"{"name": "f", "type": ["string", "A", {"type": "record", "name": "B", "#
                + #""fields": [\#(inner)]}], "default": {}}"#
            #expect(refusal(#"{"type": "record", "name": "A", "fields": [\#(field)]}"#) != "accepted")
            let members = (0..<9000).map { "\"k\($0)\": 1" }.joined(separator: ",")
            let map = #"{"name": "f", "type": {"type": "map", "values": "int"}, "default": {\#(members)}}"#
            #expect(
                refusal(#"{"type": "record", "name": "A", "fields": [\#(map)]}"#).contains("defaults are too large"))
        }
    }

    /// Records of nothing but nulls, many times over: bounded in what they become.
    @Test func valuesOfNoBytesAreBounded() throws {
        try expectQuick {
            let fields = (0..<1000).map { #"{"name":"f\#($0)","type":"null"}"# }.joined(separator: ",")
            let nothing = try single(#"{"type":"array","items":{"type":"record","name":"N","fields":[\#(fields)]}}"#)
            var writer = AvroWriter()
            writer.writeBlockCount(DecodePlan.maximumEmptyItems)
            writer.writeBlockEnd()
            let error = #expect(throws: ValueError.self) { try decode(nothing, writer.bytes) }
            #expect(error?.code == .tooManyEmptyItems)
            #expect(error?.path == "/f/65/f536", "\(error?.path ?? "")")
            #expect(try DecodePlan(writer: nothing, reader: nil, fields: []).error(of: writer.bytes) == nil)
        }
    }

    @Test func errorsOfValuesNameThePlace() throws {
        let lines = try single(
            #"{"type":"map","values":{"type":"array","items":{"type":"record","name":"L","fields":[{"name":"price","type":"boolean"}]}}}"#
        )
        let error = #expect(throws: ValueError.self) { try decode(lines, [2, 2, 0x61, 4, 1, 9, 0, 0]) }
        #expect(error?.description == "at /f/0/1/price: a boolean is neither 0 nor 1 (byte 5 of the body)")
        let other = try single(#"["null", "string"]"#)
        let reader = try single(#"["null", "long"]"#)
        let branch = #expect(throws: ValueError.self) {
            try ValueDecoder(writer: other, reader: reader).value(of: [2, 2, 0x61])
        }
        #expect(branch?.code == .unreadableBranch && branch?.path == "/f")
    }
}
