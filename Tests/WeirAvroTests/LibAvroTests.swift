// Weir and libavro on the same schemas and values.

import Testing
import WeirAvro
import WeirCore

/// Plain reading and writing only. Of libavro 1.11's two ways to resolve, `avro_resolved_writer` follows a null pointer
/// and `avro_resolved_reader` frees twice within some seeds, and both match symbols of enums by their position.
@Suite struct LibAvroTests {
    @Test func bytesAreThoseOfLibavro() {
        var compared = 0
        Sample.forAll(3000, evolves: false) { sample in
            if sample.hasEmptyItems { return nil }
            compared += 1
            let oracle = try LibAvro(sample.text)
            let theirs = try oracle.encode(sample.value)
            if theirs != sample.body { return "libavro encodes \(theirs)" }
            let blocks = NaiveWriter.bytes(of: sample.value, schema: sample.schema, seed: sample.sample.valueSeed)
            return try oracle.reencode(blocks) == sample.body ? nil : "libavro reads something else from \(blocks)"
        }
        if Sample.isWhole { #expect(compared > 2000, "most cases must be ones that libavro can do") }
    }
}

extension RandomCase {
    /// Whether the schema has an array or map of items that take no memory, which libavro 1.11 cannot append to.
    var hasEmptyItems: Bool {
        schema.nodes.contains { node in
            switch node.kind {
            case .array(let items), .map(let items): isEmpty(items, depth: 0)
            default: false
            }
        }
    }

    private func isEmpty(_ node: Int, depth: Int) -> Bool {
        switch schema[node].kind {
        case .null: true
        case .record(let fields): depth < 8 && fields.allSatisfy { isEmpty($0.type, depth: depth + 1) }
        default: false
        }
    }
}
