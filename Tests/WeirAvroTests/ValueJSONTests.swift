// Values as JSON that people edit: what is written is read back as the same value.

import Testing
import WeirAvro

struct ValueJSONTests {
    @Test func randomValuesComeBack() throws {
        var same = 0
        for seed in 0..<400 as Range<UInt64> {
            let sample = try RandomCase(seed: seed)
            let text = sample.value.json(schema: sample.schema).pretty()
            // A map may hold a key twice, or one with a zero byte: no JSON.
            guard let json = try? JSON(parsing: text, source: "value") else { continue }
            let back = try AvroValue(json: json, schema: sample.schema)
            #expect(back.json(schema: sample.schema).pretty() == text, "seed \(seed)")
            var writer = AvroWriter()
            try back.encode(schema: sample.schema, into: &writer)
            if writer.bytes == sample.body { same += 1 }
        }
        // The others hold decimals with needless leading bytes, or another bit pattern of "not a number".
        #expect(same > 300)
    }

    private func schema(_ type: String) throws -> AvroSchema {
        try AvroSchema(
            parsing: #"{"type":"record","name":"R","fields":[{"name":"f","type":\#(type)},"#
                + #"{"name":"d","type":"string","default":"x"}]}"#, source: "test")
    }

    private func text(_ value: AvroValue, _ type: String) throws -> String {
        try AvroValue.record([value, .string("x")]).json(schema: schema(type)).compact
    }

    private func read(_ json: String, _ type: String) throws -> AvroValue {
        let value = try AvroValue(json: JSON(parsing: json, source: "test"), schema: schema(type))
        guard case .record(let fields) = value else { return value }
        #expect(fields[1] == .string("x"), "a field left out takes its default")
        return fields[0]
    }

    private let micros = #"{"type":"long","logicalType":"timestamp-micros"}"#
    private let money = #"{"type":"bytes","logicalType":"decimal","precision":20,"scale":2}"#

    @Test func thereIsAFormForEveryKindOfValue() throws {
        let forms: [(AvroValue, String, String)] = [
            (.long(1_700_000_000_123_456), micros, #""2023-11-14T22:13:20.123456Z""#),
            (
                .long(1_700_000_000_000), #"{"type":"long","logicalType":"timestamp-millis"}"#,
                #""2023-11-14T22:13:20Z""#
            ),
            (.long(.max), micros, "9223372036854775807"),
            (.bytes([0xFB, 0x2E]), money, #""-12.34""#),
            (.bytes([5]), money, #""0.05""#),
            (
                .fixed([0xFF, 0xFB, 0x2E]),
                #"{"type":"fixed","name":"F","size":3,"logicalType":"decimal","precision":6,"scale":2}"#, #""-12.34""#
            ),
            (.bytes([0, 10]), #""bytes""#, #""0x000a""#),
            (.union(1, .string("a")), #"["null","string"]"#, #""a""#),
            (.union(0, .null), #"["null","string"]"#, "null"),
            (.union(1, .long(1)), #"["string","long"]"#, #"{"long":1}"#),
            (.enumeration(1), #"{"type":"enum","name":"E","symbols":["A","B"]}"#, #""B""#),
            (.float(0.1), #""float""#, "0.1"),
            (.double(.infinity), #""double""#, #""Infinity""#),
        ]
        for (value, type, form) in forms {
            #expect(try text(value, type) == #"{"f":\#(form),"d":"x"}"#)
            #expect(try read(#"{"f":\#(form)}"#, type) == value, "\(form)")
        }
    }

    @Test(arguments: [
        (#"{}"#, #""string""#, "/f: missing"),
        (#"{"f":"a","g":1}"#, #""string""#, "/g: the schema has no such field"),
        (#"{"f":1}"#, #""string""#, "/f: expected string, found 1"),
        (#"{"f":2147483648}"#, #""int""#, "/f: 2147483648 does not fit an int"),
        (#"{"f":"C"}"#, #"{"type":"enum","name":"E","symbols":["A","B"]}"#, "there is no symbol 'C', only A, B"),
        (#"{"f":"x"}"#, #""bytes""#, "bytes like"),
        (#"{"f":"1.234"}"#, #"{"type":"bytes","logicalType":"decimal","precision":20,"scale":2}"#, "at most 2 digits"),
        (#"{"f":"yesterday"}"#, #"{"type":"long","logicalType":"timestamp-micros"}"#, "a time like"),
        (#"{"f":1}"#, #"["string","long"]"#, #"expected {"type": value} with a type of string, long"#),
        (#"[]"#, #""string""#, "at /: expected R, found an array"),
    ])
    func mistakesAreNamed(_ json: String, _ type: String, _ words: String) throws {
        let error = #expect(throws: EncodeError.self) { try read(json, type) }
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }
}
