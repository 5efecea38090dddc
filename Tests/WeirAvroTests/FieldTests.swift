// Whether a schema gives a topology what it asks for, and in which words it does not.

import Testing
import WeirAvro
import WeirCore

@Suite struct FieldTests {
    let usage: AvroSchema

    init() throws {
        usage = try record(
            #"""
            {"name": "org_id", "type": "string"},
            {"name": "op", "type": {"type": "enum", "name": "Op", "symbols": ["READ", "WRITE"]}},
            {"name": "bytes", "type": "long"},
            {"name": "seconds", "type": ["null", "int"]},
            {"name": "ratio", "type": "double"},
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
            {"name": "seen", "type": {"type": "long", "logicalType": "local-timestamp-micros"}},
            {"name": "cost", "type": {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 4}},
            {"name": "fine", "type": {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 9}},
            {"name": "wide", "type": {"type": "bytes", "logicalType": "decimal", "precision": 60, "scale": 2}},
            {"name": "device", "type": ["null", {"type": "record", "name": "Device", "fields": [
                {"name": "model", "type": "string"}]}]},
            {"name": "tags", "type": {"type": "array", "items": "string"}},
            {"name": "dimensions", "type": {"type": "map", "values": "string"}},
            {"name": "either", "type": ["null", "string", "long"]}
            """#)
    }

    @Test func pathsAreFound() throws {
        #expect(usage.type(at: FieldPath("bytes"))?.kind.word == "long")
        #expect(usage.type(at: FieldPath("bytes"))?.isOptional == false)
        #expect(usage.type(at: FieldPath("seconds"))?.isOptional == true)
        #expect(usage.type(at: FieldPath("device.model"))?.isOptional == true)
        #expect(usage.type(at: FieldPath("dimensions.region"))?.kind.word == "string")
        #expect(usage.type(at: FieldPath("at"))?.words == "long (timestamp-millis)")
        #expect(usage.type(at: FieldPath("org_id.x")) == nil)
        #expect(usage.type(at: FieldPath("")) == nil)
        #expect(usage.fieldNames(under: []).prefix(2) == ["org_id", "op"])
        #expect(usage.fieldNames(under: ["device"]) == ["model"])
        #expect(usage.scale(of: FieldPath("cost")) == 4)
        #expect(usage.scale(of: FieldPath("bytes")) == 0)
    }

    @Test func goodRequestsHaveNoProblem() {
        for path in ["org_id", "op", "bytes", "seconds", "cost", "device.model", "dimensions.region"] {
            #expect(usage.problem(with: identity(path)) == nil, "\(path)")
        }
        for path in ["bytes", "seconds", "cost"] {
            #expect(usage.problem(with: FieldRequest(FieldPath(path), .measure)) == nil, "\(path)")
        }
        #expect(usage.problem(with: FieldRequest(FieldPath("at"), .time)) == nil)
        #expect(usage.problem(with: FieldRequest(FieldPath("tags"), .extent)) == nil)
    }

    @Test func problemsAreToldInWords() {
        let cases: [(String, FieldRequest.Use, String)] = [
            ("byte", .measure, "there is no field byte; there are org_id, op, bytes"),
            ("device.modle", .identity, "there is no field modle in device; there are model"),
            ("org_id.x", .identity, "org_id is of type string; nothing in it has a name"),
            ("tags.x", .identity, "tags is of type array; nothing in it has a name"),
            ("ratio", .measure, "it is double; quantities are never floating point, use long or decimal"),
            ("ratio", .identity, "a double does not identify"),
            ("at", .measure, "it is long (timestamp-millis), a time and not a quantity"),
            ("fine", .measure, "it has 9 digits after the point; quantities have at most 6"),
            ("wide", .measure, "it has 60 digits; quantities have at most 38"),
            ("org_id", .measure, "it is string; a quantity is an int, a long or a decimal"),
            ("bytes", .time, "it is long; event time needs a long with logical type timestamp-millis"),
            ("seen", .time, "which names no instant"),
            ("device", .identity, "it is a record; name one of its fields: model"),
            ("dimensions", .identity, "it is a map; name one of its entries"),
            ("tags", .identity, "it is an array"),
            ("either", .identity, "it is a union of several types"),
            ("device.model", .extent, "only a field of the record itself can be named here"),
        ]
        for (path, use, words) in cases {
            let problem = usage.problem(with: FieldRequest(FieldPath(path), use))
            #expect(problem?.contains(words) == true, "\(path): \(problem ?? "none")")
        }
    }
}
