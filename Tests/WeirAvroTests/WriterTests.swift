// Bytes by hand: the writer, values that do not fit, and the Confluent frame.

import Testing
import WeirAvro
import WeirCore

@Suite struct WriterTests {
    func bytes(_ write: (inout AvroWriter) -> Void) -> [UInt8] {
        var writer = AvroWriter()
        write(&writer)
        return writer.bytes
    }

    @Test func numbers() throws {
        let cases: [(Int64, [UInt8])] = [
            (0, [0]), (-1, [1]), (1, [2]), (-64, [0x7f]), (64, [0x80, 1]), (-65, [0x81, 1]),
            (.max, [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]),
            (.min, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]),
        ]
        let schema = try single(#""long""#)
        let plan = try DecodePlan(writer: schema, reader: nil, fields: [identity("f")])
        for (value, encoded) in cases {
            #expect(bytes { $0.writeLong(value) } == encoded)
            #expect(try plan.contents(of: encoded) == [.integer(value)])
        }
        for shift in 0..<64 {
            for value in [Int64(1) << shift, (1 << shift) &- 1, ~(1 << shift)] {
                let encoded = bytes { $0.writeLong(value) }
                #expect(try plan.contents(of: encoded) == [.integer(value)])
                #expect(try decode(schema, encoded) == .record([.long(value)]))
            }
        }
        #expect(try plan.contents(of: [0x82, 0x80, 0x00]) == [1], "longer than need be, and allowed")
        #expect(bytes { $0.writeInt(-2) } == [3])
        #expect(bytes { $0.writeFloat(1) } == [0, 0, 0x80, 0x3f])
        #expect(bytes { $0.writeDouble(-2) } == [0, 0, 0, 0, 0, 0, 0, 0xc0])
        #expect(bytes { $0.writeBoolean(true) } == [1])
    }

    @Test func varintsOfEveryLengthInLongBodies() throws {
        let schema = try record(#"{"name": "f", "type": "long"}, {"name": "rest", "type": "bytes"}"#)
        let plan = try DecodePlan(writer: schema, reader: nil, fields: [identity("f")])
        for shift in 0..<64 {
            for value in [Int64(1) << shift, (1 << shift) &- 1, ~(1 << shift)] {
                let encoded = bytes {
                    $0.writeLong(value)
                    $0.writeBytes([UInt8](repeating: 0xff, count: 20))
                }
                #expect(try plan.contents(of: encoded) == [.integer(value)])
            }
        }
    }

    @Test func textAndBlocks() {
        #expect(bytes { $0.writeString("ä") } == [4, 0xc3, 0xa4])
        #expect(bytes { $0.writeString(utf8: [0x61]) } == [2, 0x61])
        #expect(bytes { $0.writeBytes([1, 2]) } == [4, 1, 2])
        #expect(bytes { $0.writeFixed([1, 2]) } == [1, 2])
        #expect(bytes { $0.writeUnionIndex(1) } == [2])
        #expect(bytes { $0.writeEnum(2) } == [4])
        #expect(
            bytes {
                $0.writeBlockCount(1)
                $0.writeInt(0)
                $0.writeBlockEnd()
            } == [2, 0, 0])
    }

    @Test func decimals() {
        let cases: [(Int128, [UInt8])] = [
            (0, [0]), (1, [1]), (-1, [0xff]), (127, [0x7f]), (128, [0, 0x80]), (-128, [0x80]), (-129, [0xff, 0x7f]),
            (65535, [0, 0xff, 0xff]), (.max, [0x7f] + [UInt8](repeating: 0xff, count: 15)),
            (.min, [0x80] + [UInt8](repeating: 0, count: 15)),
        ]
        for (value, encoded) in cases {
            #expect(bytes { $0.writeDecimal(value) } == [UInt8(encoded.count * 2)] + encoded)
            #expect(bytes { $0.writeDecimal(value, size: 20) }.suffix(encoded.count) == encoded[...])
        }
        #expect(bytes { $0.writeDecimal(-2, size: 18) } == [UInt8](repeating: 0xff, count: 17) + [0xfe])
        #expect(bytes { $0.writeDecimal(2, size: 3) } == [0, 0, 2])
    }

    @Test func valuesThatDoNotFitAreRefused() throws {
        let schema = try record(
            #"{"name": "a", "type": {"type": "array", "items": "long"}}, {"name": "u", "type": ["null", "int"]}"#)
        let cases: [(AvroValue, String)] = [
            (.long(1), "at /: expected record, found long"), (.record([]), "at /: expected 2 fields, found 0"),
            (.record([.array([.long(1), .int(2)]), .union(0, .null)]), "at /a/1: expected long, found int"),
            (.record([.array([]), .union(2, .null)]), "at /u: branch 2 of a union of 2"),
            (.record([.array([]), .union(0, .int(1))]), "at /u: expected null, found int"),
        ]
        for (value, words) in cases {
            var writer = AvroWriter()
            do throws(EncodeError) {
                try value.encode(schema: schema, into: &writer)
                Issue.record("accepted \(value)")
            } catch {
                #expect(error.description == words)
            }
        }
    }

    @Test func frames() throws {
        let framed = bytes {
            ConfluentFrame.writeHeader(schemaID: 0x0102_0304, into: &$0)
            $0.writeBoolean(true)
        }
        #expect(framed == [0, 1, 2, 3, 4, 1])
        let frame = try #require(parse(framed))
        #expect(frame.schemaID == 0x0102_0304)
        #expect(frame.body == 5..<6)
        #expect(parse(Array(framed[..<5]))?.body == 5..<5)
        #expect(parse(Array(framed[..<4])) == nil)
        #expect(parse([1] + framed.dropFirst()) == nil)
    }

    private func parse(_ payload: [UInt8]) -> ConfluentFrame? { ConfluentFrame(parsing: payload.span.bytes) }
}
