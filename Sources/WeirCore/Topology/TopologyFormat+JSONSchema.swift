// The JSON Schema of topology files, for editors: `topologies/topology.schema.json`.

extension TopologyFormat {
    /// Generated from the table of options; a test keeps the committed file equal to it.
    public static func jsonSchema() -> String {
        guard case .object(let members) = Root.section.jsonSchema else { preconditionFailure("a schema is an object") }
        let head: [JSONText.Member] = [
            .init(name: "$schema", value: "http://json-schema.org/draft-07/schema#"),
            .init(name: "title", value: "Weir topology"),
        ]
        return JSONText.object(head + members).pretty() + "\n"
    }
}
