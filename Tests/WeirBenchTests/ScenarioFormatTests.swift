// The schema and the reference page of scenarios say what the code says.

import Foundation
import TestSupport
import Testing
import WeirBench

@Suite struct ScenarioFormatTests {
    @Test func schemaIsCurrent() throws {
        #expect(
            try Repository.holds("bench/scenarios/scenario.schema.json", ScenarioFormat.jsonSchema()),
            "stale: WEIR_REGENERATE=1 swift test -c release --filter WeirBenchTests")
    }

    @Test func referenceIsCurrent() throws {
        #expect(
            try Repository.holds("docs/scenarios.md", ScenarioFormat.markdown()),
            "stale: WEIR_REGENERATE=1 swift test -c release --filter WeirBenchTests")
    }

    @Test func schemaIsJSON() throws {
        let schema = try JSONSerialization.jsonObject(with: Data(ScenarioFormat.jsonSchema().utf8))
        let object = try #require(schema as? [String: Any])
        #expect(object["additionalProperties"] as? Bool == false)
        #expect(object["required"] as? [String] == ["scenario", "topology", "rate"])
        let properties = try #require(object["properties"] as? [String: [String: Any]])
        let events = try #require(properties["events"]?["properties"] as? [String: [String: Any]])
        // A number, not the text of one.
        #expect(events["repeats"]?["default"] as? Double == 0.05)
        #expect(events["repeats"]?["maximum"] as? Double == 0.99)
    }

    @Test func theExampleInTheReferenceLoads() throws {
        let page = ScenarioFormat.markdown()
        let example = try #require(page.components(separatedBy: "```yaml\n").last?.components(separatedBy: "```").first)
        #expect(throws: Never.self) { try ScenarioFile.load(example, file: "docs/scenarios.md") }
    }

    /// As it stands in the reference.
    @Test func theTraceInTheReferenceLoads() throws {
        let page = ScenarioFormat.markdown()
        let lines = page.components(separatedBy: "\n")
        let header = try #require(lines.firstIndex { $0.hasPrefix("TIMESTAMP,") })
        let file = FileManager.default.temporaryDirectory.appending(path: "weir-trace-\(UUID().uuidString).csv")
        defer { try? FileManager.default.removeItem(at: file) }
        try lines[header...].prefix { $0 != "```" }.joined(separator: "\n").write(
            to: file, atomically: true, encoding: .utf8)
        let trace = try TraceFile.load(path: file.path, topic: "", columns: [])
        #expect(trace.rows.count == 2)
    }
}
