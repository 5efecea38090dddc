// The JSON Schema of topology files, for editors: `topologies/topology.schema.json`.

extension TopologyFormat {
    /// Generated from the table of options; a test keeps the committed file equal to it.
    public static func jsonSchema() -> String {
        Root.section.jsonSchemaFile(title: "Weir topology")
    }
}
