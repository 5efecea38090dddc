// Reading schemas: what is accepted, and what is said of the rest.

import Testing
import WeirAvro
import WeirCore

@Suite struct SchemaTests {
    @Test(arguments: ["null", "boolean", "int", "long", "float", "double", "bytes", "string"])
    func primitives(word: String) throws {
        #expect(try schema("\"\(word)\"")[0].kind.word == word)
        #expect(try schema(#"{"type": "\#(word)"}"#)[0].kind.word == word)
        #expect(try schema(#"{"type": {"type": "\#(word)"}}"#)[0].kind.word == word)
    }

    @Test func namesTakeTheirNamespace() throws {
        let parsed = try schema(
            #"""
            {"type": "record", "name": "A", "namespace": "com.weir", "aliases": ["Old", "org.Older"], "fields": [
              {"name": "b", "type": {"type": "record", "name": "org.other.B", "fields": [
                {"name": "c", "type": {"type": "enum", "name": "C", "symbols": ["X"]}},
                {"name": "again", "type": ["null", "C"]}
              ]}},
              {"name": "outer", "type": ["null", "A", "org.other.B", "org.other.C"]},
              {"name": "bare", "type": {"type": "fixed", "name": "F", "namespace": "", "size": 2}},
              {"name": "f", "type": "F"}
            ]}
            """#)
        #expect(parsed[parsed.root].name == "com.weir.A")
        #expect(parsed[parsed.root].aliases == ["com.weir.Old", "org.Older"])
        #expect(parsed.nodes.compactMap(\.name) == ["com.weir.A", "org.other.B", "org.other.C", "F"])
    }

    @Test func recursionIsByIndex() throws {
        let parsed = try record(#"{"name": "next", "type": ["null", "R"]}"#)
        guard case .record(let fields) = parsed[parsed.root].kind,
            case .union(let branches) = parsed[fields[0].type].kind
        else {
            Issue.record("expected a record with a union")
            return
        }
        #expect(branches[1] == parsed.root)
    }

    @Test func logicalTypes() throws {
        let cases: [(String, LogicalType?)] = [
            (
                #"{"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 3}"#,
                .decimal(precision: 10, scale: 3)
            ),
            (#"{"type": "bytes", "logicalType": "decimal", "precision": 10}"#, .decimal(precision: 10, scale: 0)),
            (#"{"type": "bytes", "logicalType": "decimal", "precision": 2, "scale": 3}"#, nil),
            (#"{"type": "bytes", "logicalType": "decimal"}"#, nil),
            (
                #"{"type": "fixed", "name": "F", "size": 2, "logicalType": "decimal", "precision": 4}"#,
                .decimal(precision: 4, scale: 0)
            ),
            (#"{"type": "fixed", "name": "F", "size": 2, "logicalType": "decimal", "precision": 5}"#, nil),
            (#"{"type": "string", "logicalType": "uuid"}"#, .uuid),
            (#"{"type": "int", "logicalType": "date"}"#, .date),
            (#"{"type": "int", "logicalType": "time-millis"}"#, .timeMillis),
            (#"{"type": "long", "logicalType": "time-micros"}"#, .timeMicros),
            (#"{"type": "long", "logicalType": "timestamp-millis"}"#, .timestampMillis),
            (#"{"type": "long", "logicalType": "timestamp-micros"}"#, .timestampMicros),
            (#"{"type": "long", "logicalType": "local-timestamp-millis"}"#, .localTimestampMillis),
            (#"{"type": "long", "logicalType": "local-timestamp-micros"}"#, .localTimestampMicros),
            (#"{"type": "fixed", "name": "F", "size": 12, "logicalType": "duration"}"#, .duration),
            (#"{"type": "int", "logicalType": "timestamp-millis"}"#, nil),
            (#"{"type": "string", "logicalType": "colour"}"#, nil),
        ]
        for (text, logical) in cases { #expect(try schema(text)[0].logical == logical, "\(text)") }
    }

    @Test func defaultsAreValuesOfTheirType() throws {
        let cases: [(String, String, AvroValue)] = [
            (#""int""#, "5", .int(5)), (#""long""#, "-1", .long(-1)), (#""double""#, "1", .double(1)),
            (#""boolean""#, "true", .boolean(true)), (#""string""#, #""x""#, .string("x")),
            (#""bytes""#, #""\u00ff\u0000""#, .bytes([255, 0])),
            (#"["null", "string"]"#, "null", .union(0, .null)),
            (#"["string", "null"]"#, #""a""#, .union(0, .string("a"))),
            (#"{"type": "array", "items": "int"}"#, "[1, 2]", .array([.int(1), .int(2)])),
            (#"{"type": "map", "values": "int"}"#, #"{"a": 1}"#, .map([.init("a", .int(1))])),
            (#"{"type": "enum", "name": "E", "symbols": ["A", "B"]}"#, #""B""#, .enumeration(1)),
            (#"{"type": "fixed", "name": "F", "size": 1}"#, #""a""#, .fixed([97])),
            (
                #"{"type": "record", "name": "N", "fields": [{"name": "a", "type": "int"}, {"name": "b", "type": "int", "default": 7}]}"#,
                #"{"a": 1}"#, .record([.int(1), .int(7)])
            ),
        ]
        for (type, text, value) in cases {
            let parsed = try record(#"{"name": "f", "type": \#(type), "default": \#(text)}"#)
            guard case .record(let fields) = parsed[parsed.root].kind else { continue }
            #expect(fields[0].fallback == value, "\(type)")
        }
    }

    @Test func refusalsSayWhereAndWhat() {
        let cases: [(String, String)] = [
            ("{", "test.avsc:1:1: not JSON: string or '}' expected near end of file"),
            ("", "test.avsc:1:0: not JSON"),
            ("{\"type\":\n \"int\",\n \"type\": \"int\"}", "test.avsc:3:7: not JSON: duplicate object key"),
            ("3", "at /: expected a type (a name, an object or an array), found 3"),
            (#""strin""#, #"at /: expected a type, found "strin", which is not defined before this point"#),
            (#"{"type": "record", "name": "R"}"#, "at /fields: expected an array of fields, found none"),
            (#"{"type": "record", "fields": []}"#, "at /name: expected the record's name, found none"),
            (#"{"type": "record", "name": "a-b", "fields": []}"#, "at /name: expected a name like StorageUsage"),
            (#"{"type": "record", "name": "string", "fields": []}"#, "is the name of an Avro type"),
            (
                #"{"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}, {"name": "a", "type": "int"}]}"#,
                #"at /fields/1: the record already has a field "a""#
            ),
            (
                #"{"type": "record", "name": "R", "fields": [{"name": "a", "type": {"type": "array"}}]}"#,
                #"at /fields/0/type: expected "items" in an array"#
            ),
            (
                #"{"type": "record", "name": "R", "fields": [{"name": "a", "type": "int", "default": "x"}]}"#,
                #"at /fields/0/default: expected a default of type int, found "x""#
            ),
            (
                #"{"type": "record", "name": "R", "fields": [{"name": "a", "type": "int", "default": 2147483648}]}"#,
                "expected a default of type int, found 2147483648"
            ),
            (#"["null", "null"]"#, "at /1: the union already has a branch of type null"),
            (#"["null", ["int"]]"#, "at /1: a union may not hold another union directly"),
            (#"{"type": "enum", "name": "E", "symbols": ["A", "A"]}"#, "at /symbols: a symbol stands there twice"),
            (#"{"type": "enum", "name": "E", "symbols": ["A"], "default": "B"}"#, "expected one of the enum's symbols"),
            (#"{"type": "fixed", "name": "F", "size": -1}"#, "at /size: expected a size from 0"),
            (
                #"[{"type": "fixed", "name": "F", "size": 1}, {"type": "fixed", "name": "F", "size": 1}]"#,
                #"at /1/name: "F" is defined twice"#
            ),
        ]
        for (text, words) in cases {
            do throws(SchemaError) {
                _ = try AvroSchema(parsing: text, source: "test.avsc")
                Issue.record("accepted \(text)")
            } catch {
                #expect(error.message.contains(words), "\(error.message)")
                #expect(error.message.hasPrefix("test.avsc:"))
            }
        }
    }

    @Test func nestingIsBounded() {
        func nested(_ depth: Int) -> String {
            String(repeating: #"{"type": "array", "items": "#, count: depth) + "\"int\""
                + String(repeating: "}", count: depth)
        }
        #expect(throws: Never.self) { try schema(nested(AvroSchema.maximumDepth - 1)) }
        #expect(throws: SchemaError.self) { try schema(nested(AvroSchema.maximumDepth)) }
        #expect(throws: SchemaError.self) { try schema(nested(1500)) }
        #expect(throws: SchemaError.self) { try schema(String(repeating: "[", count: 1_000_000)) }
    }

    @Test func defaultsThatWouldNotEndAreRefused() {
        #expect(throws: SchemaError.self) { try record(#"{"name": "f", "type": "R", "default": {}}"#) }
        #expect(throws: SchemaError.self) {
            try schema(
                #"""
                {"type": "record", "name": "A", "fields": [{"name": "a", "default": {}, "type": ["A",
                  {"type": "record", "name": "B", "fields": [{"name": "b", "default": {}, "type": ["A", "B"]}]}]}]}
                """#)
        }
    }
}
