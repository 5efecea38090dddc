// The JSON Schema of scenario files, for editors: `bench/scenarios/scenario.schema.json`.

internal import WeirCore

extension ScenarioFormat {
    /// Generated from the table of options; a test keeps the committed file equal to it.
    public static func jsonSchema() -> String { Root.section.jsonSchemaFile(title: "Scenario of weir bench") }
}
