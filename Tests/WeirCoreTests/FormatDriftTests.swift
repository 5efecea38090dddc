// The generated files say what the code says.

import Foundation
import TestSupport
import Testing
import WeirCore

@Suite struct FormatDriftTests {
    @Test func schemaIsCurrent() throws {
        #expect(
            try Repository.holds("topologies/topology.schema.json", TopologyFormat.jsonSchema()),
            "stale: WEIR_REGENERATE=1 swift test -c release --filter WeirCoreTests")
    }

    @Test func referenceIsCurrent() throws {
        #expect(
            try Repository.holds("docs/topology.md", TopologyFormat.markdown()),
            "stale: WEIR_REGENERATE=1 swift test -c release --filter WeirCoreTests")
    }

    @Test func schemaIsJSON() throws {
        let schema = try JSONSerialization.jsonObject(with: Data(TopologyFormat.jsonSchema().utf8))
        let object = try #require(schema as? [String: Any])
        #expect(object["additionalProperties"] as? Bool == false)
        #expect(object["required"] as? [String] == ["topology", "version", "sources", "meters", "outputs"])
    }

    @Test func theExampleInTheReferenceLoads() throws {
        let page = TopologyFormat.markdown()
        let example = try #require(page.components(separatedBy: "```yaml\n").last?.components(separatedBy: "```").first)
        #expect(throws: Never.self) { try TopologyFile.load(example, file: "docs/topology.md") }
    }
}
