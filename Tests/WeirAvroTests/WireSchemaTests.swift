// Names of schemas on the wire.

import Testing
import WeirAvro

@Suite struct WireSchemaTests {
    @Test func aHeaderNamesAnIdOrAGUID() {
        #expect(WireSchema(header: [0, 0, 0, 1, 2]) == .id(258))
        let guid = SchemaGUID("89791762-2336-186f-9674-99b90a8e2d3a")
        #expect(guid != nil)
        let bytes: [UInt8] = [
            1, 0x89, 0x79, 0x17, 0x62, 0x23, 0x36, 0x18, 0x6f, 0x96, 0x74, 0x99, 0xb9, 0x0a, 0x8e, 0x2d, 0x3a,
        ]
        #expect(WireSchema(header: bytes) == guid.map { .guid($0) })
        #expect(guid?.description == "89791762-2336-186f-9674-99b90a8e2d3a")
        #expect(SchemaGUID("000000000000000000000000000000ff")?.description == "00000000-0000-0000-0000-0000000000ff")
        for wrong: [UInt8] in [[], [0], [0, 1, 2, 3], [1, 1], [2] + bytes.dropFirst(), bytes + [0]] {
            #expect(WireSchema(header: wrong) == nil)
        }
        for wrong in ["", "8979", "zz791762-2336-186f-9674-99b90a8e2d3a"] { #expect(SchemaGUID(wrong) == nil) }
    }

    @Test func referencesAreDefinedWhereTheyAreUsedFirst() throws {
        let inner =
            #"{"type": "record", "name": "In", "namespace": "a", "fields": [{"name": "e", "type": {"type": "enum", "name": "E", "symbols": ["X"]}}]}"#
        let outer =
            #"{"type": "record", "name": "Out", "namespace": "b", "fields": [{"name": "x", "type": "a.In"}, {"name": "y", "type": {"type": "array", "items": ["null", "a.In", "a.E"]}}, {"name": "z", "type": "Out2"}]}"#
        let last =
            #"{"type": "record", "name": "b.Out2", "fields": [{"name": "back", "type": ["null", "Out2", "a.In"]}]}"#
        let whole = try SchemaInlining.inline(outer, definitions: [inner, last], source: "test")
        let schema = try schema(whole)
        #expect(SchemaOutline(schema).lines.map(\.path) == ["", "x", "x.e", "y", "z", "z.back"])
        #expect(schema.nodes.compactMap(\.name).sorted() == ["a.E", "a.In", "b.Out", "b.Out2"])
        #expect(try SchemaInlining.inline(outer, definitions: [], source: "test") == outer)
    }
}
