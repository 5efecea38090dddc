// Canonical forms and fingerprints, against the vectors that the Avro project publishes.

import Testing
import WeirAvro
import WeirCore

@Suite struct FingerprintTests {
    /// Text, canonical form and CRC-64-AVRO of share/test/data/schema-tests.txt of Apache Avro. Its case 026 gives
    /// a boolean the default "true", a string, which is no valid schema; here it is true.
    static let vectors: [(String, String, Int64)] = [
        (#""null""#, #""null""#, 7_195_948_357_588_979_594),
        (#"{"type":"boolean"}"#, #""boolean""#, -6_970_731_678_124_411_036),
        (#""int""#, #""int""#, 8_247_732_601_305_521_295),
        (#"{"type":"long"}"#, #""long""#, -3_434_872_931_120_570_953),
        (#""float""#, #""float""#, 5_583_340_709_985_441_680),
        (#""double""#, #""double""#, -8_181_574_048_448_539_266),
        (#""bytes""#, #""bytes""#, 5_746_618_253_357_095_269),
        (#"{"type":"string"}"#, #""string""#, -8_142_146_995_180_207_161),
        ("[  ]", "[]", -1_241_056_759_729_112_623),
        (#"[ "int"  ]"#, #"["int"]"#, -5_232_228_896_498_058_493),
        (#"[ "int" , {"type":"boolean"} ]"#, #"["int","boolean"]"#, 5_392_556_393_470_105_090),
        (
            #"{"fields":[], "type":"record", "name":"foo"}"#, #"{"name":"foo","type":"record","fields":[]}"#,
            -4_824_392_279_771_201_922
        ),
        (
            #"{"fields":[], "type":"record", "name":"foo", "namespace":"x.y"}"#,
            #"{"name":"x.y.foo","type":"record","fields":[]}"#, 5_916_914_534_497_305_771
        ),
        (
            #"{"fields":[], "type":"record", "name":"a.b.foo", "namespace":"x.y"}"#,
            #"{"name":"a.b.foo","type":"record","fields":[]}"#, -4_616_218_487_480_524_110
        ),
        (
            #"{"fields":[], "type":"record", "name":"foo", "doc":"foo", "aliases":["foo","bar"]}"#,
            #"{"name":"foo","type":"record","fields":[]}"#, -4_824_392_279_771_201_922
        ),
        (
            #"{"fields":[{"type":{"type":"boolean"}, "name":"f1"}], "type":"record", "name":"foo"}"#,
            #"{"name":"foo","type":"record","fields":[{"name":"f1","type":"boolean"}]}"#, 7_843_277_075_252_814_651
        ),
        (
            #"""
            { "fields":[{"type":"boolean", "aliases":[], "name":"f1", "default":true},
                        {"order":"descending","name":"f2","doc":"Hello","type":"int"}],
              "type":"record", "name":"foo"
            }
            """#,
            #"{"name":"foo","type":"record","fields":[{"name":"f1","type":"boolean"},{"name":"f2","type":"int"}]}"#,
            -4_860_222_112_080_293_046
        ),
        (
            #"{"type":"enum", "name":"foo", "symbols":["A1"]}"#, #"{"name":"foo","type":"enum","symbols":["A1"]}"#,
            -6_342_190_197_741_309_591
        ),
        (
            #"{"namespace":"x.y.z", "type":"enum", "name":"foo", "doc":"foo bar", "symbols":["A1", "A2"]}"#,
            #"{"name":"x.y.z.foo","type":"enum","symbols":["A1","A2"]}"#, -4_448_647_247_586_288_245
        ),
        (
            #"{"name":"foo","type":"fixed","size":15}"#, #"{"name":"foo","type":"fixed","size":15}"#,
            1_756_455_273_707_447_556
        ),
        (
            #"{"namespace":"x.y.z", "type":"fixed", "name":"foo", "doc":"foo bar", "size":32}"#,
            #"{"name":"x.y.z.foo","type":"fixed","size":32}"#, -3_064_184_465_700_546_786
        ),
        (
            #"{ "items":{"type":"null"}, "type":"array"}"#, #"{"type":"array","items":"null"}"#,
            -589_620_603_366_471_059
        ),
        (
            #"{ "values":"string", "type":"map"}"#, #"{"type":"map","values":"string"}"#,
            -8_732_877_298_790_414_990
        ),
        (
            #"{"name":"PigValue","type":"record","fields":[{"name":"value","type":["null","int","long","PigValue"]}]}"#,
            #"{"name":"PigValue","type":"record","fields":[{"name":"value","type":["null","int","long","PigValue"]}]}"#,
            -1_759_257_747_318_642_341
        ),
    ]

    @Test(arguments: vectors)
    func publishedVectors(text: String, canonical: String, fingerprint: Int64) throws {
        let parsed = try schema(text)
        #expect(parsed.canonicalForm == canonical)
        #expect(Int64(bitPattern: parsed.rabinFingerprint) == fingerprint)
        #expect(try schema(canonical).canonicalForm == canonical, "the form is a schema with the same form")
    }

    @Test func namesAreSpeltOutWhereTheyAreDefined() throws {
        let parsed = try schema(
            #"""
            {"type": "record", "name": "A", "namespace": "n", "fields": [
              {"name": "m", "type": {"type": "map", "values": {"type": "enum", "name": "E", "symbols": ["X", "Y"],
                "default": "X"}}, "default": {}},
              {"name": "e", "type": ["null", "E", {"type": "fixed", "name": "o.A", "size": 1}]}]}
            """#)
        #expect(
            parsed.canonicalForm
                == #"{"name":"n.A","type":"record","fields":[{"name":"m","type":{"type":"map","values":"#
                + #"{"name":"n.E","type":"enum","symbols":["X","Y"]}}},"#
                + #"{"name":"e","type":["null","n.E",{"name":"o.A","type":"fixed","size":1}]}]}"#)
        let logical = try schema(#"{"type": {"type": "long", "logicalType": "timestamp-millis"}}"#)
        #expect(logical.canonicalForm == #""long""#)
    }

    /// RFC 1321, appendix A.5, and FIPS 180-2, appendix B; lengths around the padding's edges from `sha256sum`.
    @Test func digestsOfPublishedVectors() {
        func hex(_ bytes: [UInt8]) -> String { Hex.digits(bytes) }
        #expect(hex(Fingerprint.md5([])) == "d41d8cd98f00b204e9800998ecf8427e")
        #expect(hex(Fingerprint.md5(Array("message digest".utf8))) == "f96b697d7cb7938d525a2f31aaf161d0")
        let digits = Array(String(repeating: "1234567890", count: 8).utf8)
        #expect(hex(Fingerprint.md5(digits)) == "57edf4a22be3c955ac49da2e2107b67a")
        #expect(
            hex(Fingerprint.sha256([])) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            hex(Fingerprint.sha256(Array("abc".utf8)))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            hex(Fingerprint.sha256(Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)))
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    }

    @Test func singleObjects() throws {
        let parsed = try schema(#""int""#)
        var writer = AvroWriter()
        SingleObject.writeHeader(fingerprint: parsed.rabinFingerprint, into: &writer)
        writer.writeInt(3)
        // The fingerprint of "int" is 0x7275d51a3f395c8f, its low byte first.
        #expect(writer.bytes == [0xc3, 0x01, 0x8f, 0x5c, 0x39, 0x3f, 0x1a, 0xd5, 0x75, 0x72, 0x06])
        let object = try #require(parse(writer.bytes))
        #expect(object.fingerprint == parsed.rabinFingerprint)
        #expect(object.body == 10..<11)
        #expect(parse(Array(writer.bytes[..<9])) == nil)
        #expect(parse([0xc3, 0x02] + writer.bytes[2...]) == nil)
    }

    private func parse(_ payload: [UInt8]) -> SingleObject? { SingleObject(parsing: payload.span.bytes) }
}
