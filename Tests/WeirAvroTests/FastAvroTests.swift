// Weir and fastavro on the same schemas and bytes: the same value, or both refuse; and where not, by which rule.

import Foundation
import TestSupport
import Testing
import WeirAvro
import WeirCore

@Suite(.enabled(if: FastAvro.python != nil, "needs $WEIR_PYTHON with fastavro (make setup)"), .serialized)
struct FastAvroTests {
    /// Rules by which fastavro reads otherwise (docs/avro.md, "Departures"): each is shown by the naive resolution
    /// with that rule giving what fastavro gives.
    private static let exceptions: [(name: String, variant: NaiveResolution.Variant)] = [
        ("the first branch that matches", .firstBranch), ("decimals are bytes", .decimalsAreBytes),
        ("both", [.firstBranch, .decimalsAreBytes]),
    ]

    @Test func resolutionIsThatOfFastavro() throws {
        let oracle = try FastAvro()
        var same = 0
        var refused = 0
        var exceptions: [String: Int] = [:]
        Sample.forAll(4000, evolves: true) { sample in
            let answer = try oracle.ask(
                "resolve",
                [
                    "writer": .string(sample.schema.text), "reader": .string(sample.reader.text),
                    "body": .string(Hex.digits(sample.body)),
                ])
            func agrees(_ value: AvroValue?) -> Bool {
                switch (answer, value) {
                case (.value(let json), let value?):
                    FastAvro.isSame(value, json, sample.reader, sample.reader.root)
                case (.refused, nil): true
                default: false
                }
            }
            let rules = NaiveResolution(writer: sample.schema, reader: sample.reader)
            let ours: AvroValue?
            if let decoder = try? ValueDecoder(writer: sample.schema, reader: sample.reader) {
                ours = try? decoder.decode(sample.body.span.bytes)
            } else {
                // Weir refuses schemas that cannot fit before it sees a value; fastavro may see an empty array.
                ours = try? rules.value(of: sample.value)
            }
            if agrees(ours) {
                if ours == nil { refused += 1 } else { same += 1 }
                return nil
            }
            for (name, variant) in FastAvroTests.exceptions {
                let other = NaiveResolution(writer: sample.schema, reader: sample.reader, variant: variant)
                guard agrees(try? other.value(of: sample.value)) else { continue }
                exceptions[name, default: 0] += 1
                return nil
            }
            return "Weir: \(ours.map { "\($0)" } ?? "refused"), fastavro: \(answer)"
        }
        print("fastavro: \(same) the same, \(refused) refused by both, by rule: \(exceptions)")
        if Sample.isWhole { #expect(same > 2000 && refused > 500) }
    }

    @Test func canonicalFormsAndFingerprintsAreThoseOfFastavro() throws {
        let oracle = try FastAvro()
        Sample.forAll(1000, evolves: false) { sample in
            let answer = try oracle.ask("canonical", ["writer": .string(sample.text)])
            let form = sample.schema.canonicalForm
            let rabin = withUnsafeBytes(of: sample.schema.rabinFingerprint.littleEndian) { Hex.digits($0) }
            let ours = [
                form, rabin, Hex.digits(sample.schema.md5Fingerprint), Hex.digits(sample.schema.sha256Fingerprint),
            ]
            guard case .value(.array(let theirs)) = answer else { return "\(answer)" }
            return theirs.map(\.string) == ours ? nil : "Weir: \(ours)\nfastavro: \(theirs)"
        }
    }

    /// Decimals, dates and times as fastavro understands them. Python has no durations, and no years beyond 9999.
    @Test func logicalTypesMeanWhatFastavroSays() throws {
        let types: [(String, (String) -> String)] = [
            (#"{"type": "int", "logicalType": "date"}"#, { $0 }),
            (#"{"type": "int", "logicalType": "time-millis"}"#, { $0 }),
            (#"{"type": "long", "logicalType": "time-micros"}"#, { $0 }),
            (#"{"type": "long", "logicalType": "timestamp-millis"}"#, { $0.replacing("+00:00", with: "Z") }),
            (#"{"type": "long", "logicalType": "timestamp-micros"}"#, { $0.replacing("+00:00", with: "Z") }),
            (#"{"type": "long", "logicalType": "local-timestamp-millis"}"#, { $0 }),
            (#"{"type": "long", "logicalType": "local-timestamp-micros"}"#, { $0 }),
            (#"{"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 3}"#, { $0 }),
            (
                #"{"type": "fixed", "name": "F", "size": 10, "logicalType": "decimal", "precision": 20, "scale": 0}"#,
                { $0 }
            ),
        ]
        let oracle = try FastAvro()
        for (type, form) in types {
            let parsed = try schema(type)
            for seed in 1...60 as ClosedRange<UInt64> {
                var maker = ValueMaker(random: SeededGenerator(seed: seed), schema: parsed, size: 4)
                var value = maker.value()
                // Of ten random bytes most are numbers of more digits than the type has.
                if case .fixed(let bytes) = value {
                    value = .fixed(Array(repeating: bytes[9] < 128 ? 0 : 255, count: 4) + bytes[4..<10])
                    if case .fixed(var shorter) = value {
                        shorter[4] = bytes[9]
                        value = .fixed(shorter)
                    }
                }
                let body = Hex.digits(try value.bytes(parsed))
                let answer = try oracle.ask("logical", ["writer": .string(type), "body": .string(body)])
                guard case .value(let json) = answer, let theirs = json["t"]?.string,
                    let ours = value.json(schema: parsed).string
                else {
                    Issue.record("\(type) \(value): \(answer)")
                    continue
                }
                #expect(ours == form(theirs), "\(type) \(value)")
                #expect(try AvroValue(json: .string(ours), schema: parsed) == value)
            }
        }
    }

    @Test(arguments: Codec.allCases)
    func containersAreThoseOfFastavro(codec: Codec) throws {
        let oracle = try FastAvro()
        let folder = URL(filePath: NSTemporaryDirectory()).appending(path: "weir-avro-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for seed in 1...60 as ClosedRange<UInt64> {
            var sample = Sample(seed: seed, evolves: false)
            var values: [AvroValue] = []
            for valueSeed in 0..<30 as Range<UInt64> {
                sample.valueSeed = valueSeed
                values.append(try sample.built().value)
            }
            let built = try sample.built()
            let ours = folder.appending(path: "weir.avro").path
            let writer = try ContainerWriter(
                path: ours, schema: built.schema, codec: codec, metadata: ["by": Array("weir".utf8)], blockSize: 500)
            for value in values { try writer.append(value) }
            try writer.flush()
            let read = try oracle.ask("read_container", ["path": .string(ours)])
            guard case .value(.array(let parts)) = read, parts.count == 2, case .array(let records) = parts[1] else {
                Issue.record("seed \(seed): \(read)")
                continue
            }
            #expect(parts[0]["m"]?["by"]?.string == "weir")
            #expect(records.count == values.count)
            for (value, json) in zip(values, records) {
                #expect(FastAvro.isSame(value, json, built.schema, built.schema.root), "seed \(seed)")
            }

            let theirs = folder.appending(path: "fastavro.avro").path
            let written = try oracle.ask(
                "write_container",
                [
                    "writer": .string(built.text), "path": .string(theirs), "codec": .string(codec.rawValue),
                    "interval": .integer(500), "metadata": .object([JSON.Member("by", "fastavro")]),
                    "bodies": .array(try values.map { .string(Hex.digits(try $0.bytes(built.schema))) }),
                ])
            guard case .value = written else {
                // Of a union fastavro takes the branch that a Python value looks like most, which may not hold it.
                continue
            }
            let reader = try ContainerReader(path: theirs)
            #expect(reader.metadata["by"] == Array("fastavro".utf8))
            let again = try oracle.ask("read_container", ["path": .string(theirs)])
            guard case .value(.array(let other)) = again, other.count == 2, case .array(let same) = other[1] else {
                Issue.record("seed \(seed): \(again)")
                continue
            }
            for json in same {
                let value = try #require(try reader.next(), "seed \(seed)")
                #expect(FastAvro.isSame(value, json, built.schema, built.schema.root), "seed \(seed)")
            }
            #expect(try reader.next() == nil)
        }
    }
}
