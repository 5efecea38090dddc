// Bodies that are broken or made to do harm.

import TestSupport
import Testing
import WeirAvro
import WeirCore

@Suite struct HostileTests {
    @Test func everyTruncationFails() throws {
        for seed in UInt64(1)...200 {
            let sample = try RandomCase(seed: seed)
            let plan = try DecodePlan(
                writer: sample.schema, reader: nil, fields: try sample.expectations().map(\.request))
            for count in 0..<sample.body.count {
                let cut = Array(sample.body[..<count])
                #expect(plan.error(of: cut) != nil, "seed \(seed), \(count) bytes")
                #expect(throws: ValueError.self) { try decode(sample.schema, cut) }
            }
            #expect(plan.error(of: sample.body + [0])?.code == .trailingBytes)
        }
    }

    @Test func flippedBytesNeverCrashAndBothDecodersAgree() throws {
        var random = SeededGenerator(seed: 99)
        for seed in UInt64(1)...200 {
            let sample = try RandomCase(seed: seed)
            guard !sample.body.isEmpty else { continue }
            let all = try DecodePlan(
                writer: sample.schema, reader: nil, fields: try sample.expectations().map(\.request))
            let none = try DecodePlan(writer: sample.schema, reader: nil, fields: [])
            for _ in 0..<60 {
                var body = sample.body
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    body[Int.random(in: body.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
                let generic = Result { () throws(ValueError) in try decode(sample.schema, body) }
                let naive = try? NaiveReader.value(of: body, schema: sample.schema).bytes(sample.schema)
                #expect((try? generic.get().bytes(sample.schema)) == naive, "seed \(seed) \(body)")
                switch generic {
                case .success:
                    #expect(all.error(of: body) == nil, "seed \(seed) \(body)")
                    #expect(none.error(of: body) == nil, "seed \(seed) \(body)")
                case .failure(let error) where error.code == .invalidUTF8: continue
                case .failure:
                    #expect(all.error(of: body) != nil, "seed \(seed) \(body)")
                    #expect(none.error(of: body) != nil, "seed \(seed) \(body)")
                }
            }
        }
    }

    @Test(arguments: ["long", "string", "bytes", "int"])
    func overlongVarintsFail(type: String) throws {
        let schema = try single("\"\(type)\"")
        for fields in [[], [identity("f")]] {
            let plan = try DecodePlan(writer: schema, reader: nil, fields: fields)
            let eleven = [UInt8](repeating: 0x80, count: 10) + [0]
            #expect(plan.error(of: eleven)?.code == .varintTooLong)
            let wide = [UInt8](repeating: 0xff, count: 9) + [2]
            #expect(plan.error(of: wide)?.code == .varintTooLong)
            #expect(throws: ValueError.self) { try decode(schema, eleven) }
        }
    }

    @Test func intsOutOfRangeFail() throws {
        let schema = try single(#""int""#)
        for fields in [[], [identity("f")]] {
            let plan = try DecodePlan(writer: schema, reader: nil, fields: fields)
            for value in [Int64(Int32.max) + 1, Int64(Int32.min) - 1, .max, .min] {
                var writer = AvroWriter()
                writer.writeLong(value)
                #expect(plan.error(of: writer.bytes)?.code == .intOutOfRange)
            }
        }
    }

    @Test func lengthsAreChecked() throws {
        for type in ["string", "bytes"] {
            let schema = try single("\"\(type)\"")
            for fields in [[], [identity("f")]] {
                let plan = try DecodePlan(writer: schema, reader: nil, fields: fields)
                #expect(plan.error(of: [0x01])?.code == .negativeLength)
                #expect(plan.error(of: [0x04, 0x41])?.code == .truncated)
                var writer = AvroWriter()
                writer.writeLong(.max)
                #expect(plan.error(of: writer.bytes)?.code == .truncated)
                #expect(plan.error(of: [])?.code == .truncated)
            }
        }
    }

    @Test func hugeBlockCountsFail() throws {
        for count in [Int64.max, 1 << 40, 100] {
            var writer = AvroWriter()
            writer.writeLong(count)
            let array = try single(#"{"type": "array", "items": "long"}"#)
            let plan = try DecodePlan(writer: array, reader: nil, fields: [])
            #expect(plan.error(of: writer.bytes)?.code == .badBlockCount)
            let map = try single(#"{"type": "map", "values": "null"}"#)
            let skips = try DecodePlan(writer: map, reader: nil, fields: [])
            #expect(skips.error(of: writer.bytes)?.code == .badBlockCount)
        }
        var least = AvroWriter()
        least.writeLong(.min)
        least.writeLong(0)
        let plan = try DecodePlan(writer: try single(#"{"type": "array", "items": "null"}"#), reader: nil, fields: [])
        #expect(plan.error(of: least.bytes)?.code == .badBlockCount)
    }

    @Test func itemsOfNoSizeAreBounded() throws {
        let items = ["\"null\"", #"{"type": "record", "name": "E", "fields": []}"#]
        for item in items {
            let schema = try single(#"{"type": "array", "items": \#(item)}"#)
            let plan = try DecodePlan(writer: schema, reader: nil, fields: [])
            var writer = AvroWriter()
            writer.writeBlockCount(DecodePlan.maximumEmptyItems)
            writer.writeBlockEnd()
            #expect(plan.error(of: writer.bytes) == nil)
            var twice = AvroWriter()
            twice.writeBlockCount(DecodePlan.maximumEmptyItems)
            twice.writeBlockCount(1)
            twice.writeBlockEnd()
            #expect(plan.error(of: twice.bytes)?.code == .tooManyEmptyItems)
            #expect(throws: ValueError.self) { try decode(schema, twice.bytes) }
            var huge = AvroWriter()
            huge.writeLong(.max)
            #expect(plan.error(of: huge.bytes)?.code == .badBlockCount)
        }
    }

    @Test func blocksWithSizesAreRead() throws {
        let schema = try single(#"{"type": "array", "items": "string"}"#)
        let plan = try DecodePlan(writer: schema, reader: nil, fields: [FieldRequest(FieldPath("f"), .extent)])
        // One block of two items in four bytes, one of one item with no size given.
        let body: [UInt8] = [0x03, 0x08, 0x02, 0x61, 0x02, 0x62, 0x02, 0x02, 0x63, 0x00]
        #expect(try plan.contents(of: body) == [.bytes(body)])
        #expect(try decode(schema, body) == .record([.array([.string("a"), .string("b"), .string("c")])]))
        for size: UInt8 in [0x06, 0x0a, 0x01, 0x7e] {
            var wrong = body
            wrong[1] = size
            #expect(plan.error(of: wrong) != nil)
            #expect(throws: ValueError.self) { try decode(schema, wrong) }
        }
        #expect(plan.error(of: [0x03, 0x06, 0x02, 0x61, 0x02, 0x62, 0x00])?.code == .blockSizeMismatch)
    }

    @Test func unionAndEnumIndicesAreChecked() throws {
        for type in [#"["null", "string"]"#, #"["null", "long", "string"]"#] {
            let plan = try DecodePlan(writer: try single(type), reader: nil, fields: [])
            for index: UInt8 in [0x06, 0x01, 0x7f] {
                #expect(plan.error(of: [index, 0, 0])?.code == .badUnionIndex)
            }
        }
        let enumeration = try single(#"{"type": "enum", "name": "E", "symbols": ["A", "B"]}"#)
        for fields in [[], [identity("f")]] {
            let plan = try DecodePlan(writer: enumeration, reader: nil, fields: fields)
            for index: UInt8 in [0x04, 0x01] { #expect(plan.error(of: [index])?.code == .badEnumIndex) }
        }
        let boolean = try DecodePlan(writer: try single(#""boolean""#), reader: nil, fields: [identity("f")])
        #expect(boolean.error(of: [2])?.code == .badBoolean)
    }

    @Test func recursionIsBounded() throws {
        let schema = try record(#"{"name": "value", "type": "int"}, {"name": "next", "type": ["null", "R"]}"#)
        let plan = try DecodePlan(writer: schema, reader: nil, fields: [identity("value")])
        func list(_ length: Int) -> [UInt8] {
            var writer = AvroWriter()
            for index in 0..<length {
                writer.writeInt(Int32(index))
                writer.writeUnionIndex(index == length - 1 ? 0 : 1)
            }
            return writer.bytes
        }
        #expect(plan.error(of: list(DecodePlan.maximumDepth)) == nil)
        #expect(plan.error(of: list(DecodePlan.maximumDepth + 1))?.code == .tooDeep)
        #expect(throws: Never.self) { try decode(schema, list(DecodePlan.maximumDepth)) }
        #expect(throws: ValueError.self) { try decode(schema, list(100_000)) }

        let tree = try record(#"{"name": "children", "type": {"type": "array", "items": "R"}}"#)
        let deep = [UInt8](repeating: 0x02, count: 100_000)
        #expect(try DecodePlan(writer: tree, reader: nil, fields: []).error(of: deep)?.code == .tooDeep)

        let endless = try record(#"{"name": "self", "type": "R"}"#)
        #expect(try DecodePlan(writer: endless, reader: nil, fields: []).error(of: [])?.code == .tooDeep)
    }

    @Test func requestedStringsMustBeUTF8() throws {
        let schema = try single(#""string""#)
        let reads = try DecodePlan(writer: schema, reader: nil, fields: [identity("f")])
        let skips = try DecodePlan(writer: schema, reader: nil, fields: [])
        let invalid: [[UInt8]] = [
            [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0x80],
        ]
        for text in invalid {
            for prefix in 0..<20 {
                for suffix in [0, 1, 9] {
                    var writer = AvroWriter()
                    let a: [UInt8] = Array(repeating: 0x61, count: prefix)
                    writer.writeBytes(a + text + Array(repeating: 0x62, count: suffix))
                    #expect(reads.error(of: writer.bytes)?.code == .invalidUTF8)
                    #expect(skips.error(of: writer.bytes) == nil)
                }
            }
        }
        for count in 0..<40 {
            var writer = AvroWriter()
            writer.writeString(String(repeating: "a", count: count) + "€𝄞" + String(repeating: "b", count: count % 3))
            #expect(reads.error(of: writer.bytes) == nil)
        }
    }

    @Test func timesThatDoNotFitFail() throws {
        let schema = try single(#"{"type": "long", "logicalType": "timestamp-millis"}"#)
        let plan = try DecodePlan(writer: schema, reader: nil, fields: [FieldRequest(FieldPath("f"), .time)])
        var writer = AvroWriter()
        writer.writeLong(.max / 1000 + 1)
        let error = try #require(plan.error(of: writer.bytes))
        #expect(error.code == .timeOutOfRange)
        #expect(
            plan.describe(error)
                == "f: a time in milliseconds does not fit 64 bits as microseconds (byte 0 of the body)")
    }

    @Test func errorsNameTheField() throws {
        let schema = try record(
            #"""
            {"name": "device", "type": {"type": "record", "name": "D", "fields": [{"name": "model", "type": "string"}]}},
            {"name": "other", "type": {"type": "record", "name": "O", "fields": [{"name": "x", "type": "boolean"}]}}
            """#)
        let plan = try DecodePlan(writer: schema, reader: nil, fields: [identity("device.model")])
        let first = try #require(plan.error(of: [0x08, 0x61]))
        #expect(plan.describe(first) == "device.model: the body ends too early (byte 0 of the body)")
        let second = try #require(plan.error(of: [0x00, 0x07]))
        #expect(plan.describe(second) == "O.x: a boolean is neither 0 nor 1 (byte 1 of the body)")
        let third = try #require(plan.error(of: [0x00, 0x01, 0x00]))
        #expect(plan.describe(third) == "bytes follow the end of the record (byte 2 of the body)")
    }
}
