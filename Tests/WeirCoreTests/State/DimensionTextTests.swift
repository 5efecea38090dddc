// The dimensions of a usage row as JSON: written straight from a batch's bytes, and the same as everywhere else.

import Foundation
import Testing
import WeirCore

@Suite struct DimensionTextTests {
    private static let values = [
        "", "site", "a \"quoted\" word", "back\\slash", "tab\tline\nreturn\r", "\u{1}\u{8}\u{1f}\u{7f}", "Zürich 🏗",
        "{\"a\":1}",
    ]

    @Test(arguments: values, values)
    func theyAreWhatAReaderOfJSONFinds(first: String, second: String) throws {
        var harness = BatchHarness(.sketch([.sketch("m", .count, by: ["site", "an \"odd\" name"], per: "1h")]))
        let record = SketchRecord(fields: [
            ("org", .text("org")), ("id", .text("id")), ("at", .integer(1)), ("site", .text(first)),
            ("an \"odd\" name", .text(second)),
        ])
        let outcome = harness.apply(record, now: 100)
        #expect(outcome == .counted(late: false))
        let delta = try #require(harness.batch.deltas.first)
        let groups = harness.topology.meters[0].groupBy
        var bytes: [UInt8] = []
        harness.batch.appendDimensions(
            of: delta, names: groups.map { Array(JSONText.quoted($0.description).utf8) }, to: &bytes)
        let pairs = harness.batch.dimensions(of: delta, names: groups)
        #expect(String(decoding: bytes, as: UTF8.self) == JSONText.compact(pairs))
        let read = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: String]
        #expect(read == ["site": first, "an \"odd\" name": second])
    }

    @Test func noneIsAnEmptyObject() throws {
        var harness = BatchHarness(.sketch([.sketch("m", .count, per: "1h")]))
        let record = SketchRecord(fields: [("org", .text("org")), ("id", .text("id")), ("at", .integer(1))])
        let outcome = harness.apply(record, now: 100)
        #expect(outcome == .counted(late: false))
        var bytes: [UInt8] = []
        harness.batch.appendDimensions(of: try #require(harness.batch.deltas.first), names: [], to: &bytes)
        #expect(bytes == Array("{}".utf8))
    }
}
