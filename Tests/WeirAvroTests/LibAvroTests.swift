// Weir and libavro on the same schemas and values.

import Foundation
import Testing
import WeirAvro
import WeirCore

@Suite struct LibAvroTests {
    @Test func bytesAreThoseOfLibavro() {
        var compared = 0
        Sample.forAll(2000, evolves: false) { sample in
            if sample.hasEmptyItems { return nil }
            compared += 1
            let oracle = try LibAvro(sample.text)
            if try oracle.encode(sample.value) != sample.body { return "libavro encodes \(try oracle.encode(sample.value))" }
            let blocks = NaiveWriter.bytes(of: sample.value, schema: sample.schema, seed: sample.sample.valueSeed)
            return try oracle.reencode(blocks) == sample.body ? nil : "libavro reads something else from \(blocks)"
        }
        if Sample.isWhole { #expect(compared > 1500, "most cases must be ones that libavro can do") }
    }

    /// libavro resolves without aliases, defaults of fields or of enums, and by full names: it refuses much that the
    /// specification allows. What it reads must be what Weir reads.
    @Test func whatLibavroResolvesIsTheSame() {
        var same = 0
        var refusals: [String: Int] = [:]
        Sample.forAll(4000, evolves: true) { sample in
            if sample.hasEmptyItems { return nil }
            FileHandle.standardError.write(Data("L \(sample.sample.valueSeed)\n".utf8))
            let rules = NaiveResolution(writer: sample.schema, reader: sample.reader)
            let theirs: [UInt8]
            do {
                theirs = try LibAvro(sample.text).resolve(sample.body, reader: LibAvro(sample.reader.text))
            } catch {
                refusals[String("\(error)".prefix(16)), default: 0] += 1
                return nil
            }
            let ours = try? ValueDecoder(writer: sample.schema, reader: sample.reader).value(of: sample.body)
            if try ours?.bytes(sample.reader) == theirs {
                same += 1
                return nil
            }
            let first = NaiveResolution(writer: sample.schema, reader: sample.reader, variant: [.firstBranch, .decimalsAreBytes])
            if (try? first.value(of: sample.value).bytes(sample.reader)) == theirs { return nil }
            // Before it has seen a value, libavro does not refuse what cannot be read.
            if ours == nil, (try? rules.value(of: sample.value).bytes(sample.reader)) == theirs { return nil }
            let read = (try? ValueDecoder(writer: sample.reader).value(of: theirs)).map { "\($0)" } ?? "\(theirs)"
            return "Weir: \(ours.map { "\($0)" } ?? "refused"), libavro: \(read)"
        }
        print("libavro: \(same) resolved the same, refused: \(refusals)")
        if Sample.isWhole { #expect(same > 500) }
    }
}

extension RandomCase {
    /// Whether a schema has an array or map of items that take no memory, which libavro 1.11 cannot append to.
    var hasEmptyItems: Bool { RandomCase.hasEmptyItems(schema) || RandomCase.hasEmptyItems(reader) }

    private static func hasEmptyItems(_ schema: AvroSchema) -> Bool {
        func isEmpty(_ node: Int, _ depth: Int) -> Bool {
            switch schema[node].kind {
            case .null: true
            case .record(let fields): depth < 8 && fields.allSatisfy { isEmpty($0.type, depth + 1) }
            default: false
            }
        }
        return schema.nodes.contains { node in
            switch node.kind {
            case .array(let items), .map(let items): isEmpty(items, 0)
            default: false
            }
        }
    }
}
