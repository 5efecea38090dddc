// The generated files say what the code says.

import Foundation
import Testing
import WeirCore

@Suite struct FormatDriftTests {
    @Test func schemaIsCurrent() throws {
        try Repository.expect("topologies/topology.schema.json", equals: TopologyFormat.jsonSchema())
    }

    @Test func referenceIsCurrent() throws {
        try Repository.expect("docs/topology.md", equals: TopologyFormat.markdown())
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
