// Weir and fastavro on the same schemas and bytes: the same value, or both refuse; and where not, by which rule.

import Foundation
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
}
