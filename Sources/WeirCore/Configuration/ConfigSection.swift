// A group of fields that belong together in a configuration file.

/// The fields that a group may have. Reading reports every unknown, repeated, missing and ill-typed one.
package struct ConfigSection: Sendable {
    /// How messages call it: `idempotency`, `a source`.
    package let name: String
    /// Heading in the reference page: `sources[].idempotency`.
    package let heading: String
    package let doc: String
    package let options: [any AnyConfigOption]
    /// Conditions of the JSON Schema that concern several fields at once.
    package let conditions: [JSONText.Member]

    package init(
        name: String, heading: String, doc: String, options: [any AnyConfigOption],
        conditions: [JSONText.Member] = []
    ) {
        self.name = name
        self.heading = heading
        self.doc = doc
        self.options = options
        self.conditions = conditions
    }

    package var names: [String] { options.map(\.name) }

    package var jsonSchema: JSONText {
        let properties = options.map { JSONText.Member(name: $0.name, value: $0.schema) }
        let required = options.filter(\.isRequired).map { JSONText.string($0.name) }
        var members: [JSONText.Member] = [
            .init(name: "description", value: .string(doc)),
            .init(name: "type", value: "object"),
            .init(name: "additionalProperties", value: false),
            .init(name: "properties", value: .object(properties)),
        ]
        if !required.isEmpty { members.append(.init(name: "required", value: .array(required))) }
        return .object(members + conditions)
    }

    /// The schema as a file of its own.
    package func jsonSchemaFile(title: String) -> String {
        guard case .object(let members) = jsonSchema else { preconditionFailure("a schema is an object") }
        let head: [JSONText.Member] = [
            .init(name: "$schema", value: "http://json-schema.org/draft-07/schema#"),
            .init(name: "title", value: .string(title)),
        ]
        return JSONText.object(head + members).pretty() + "\n"
    }

    /// The values of the group's fields; nil (and reported) if `node` is not a group.
    package func read(_ node: ConfigNode, into findings: inout ConfigFindings) -> ConfigFields? {
        guard case .group(let fields) = node.content else {
            let known = names.joined(separator: ", ")
            findings.add(node.position, "\(name) is \(node.kind)", expected: "expected a group of fields: \(known)")
            return nil
        }
        var result = ConfigFields(position: node.position)
        var firstLines: [String: Int] = [:]
        for field in fields {
            let name = field.name.value
            guard let option = options.first(where: { $0.name == name }) else {
                findings.add(
                    field.name.position,
                    "unknown field '\(name)' in \(self.name)\(Suggestion.text(for: name, among: names))",
                    expected: "known: " + names.joined(separator: ", "))
                continue
            }
            if let line = firstLines[name] {
                findings.add(
                    field.name.position, "field '\(name)' is given twice in \(self.name)",
                    expected: "first given on line \(line)")
                continue
            }
            firstLines[name] = field.name.position.line
            let value = option.readAny(field.value, name, into: &findings)
            result.set(name, value.map { Placed($0, at: field.value.position) })
        }
        for option in options where option.isRequired && firstLines[option.name] == nil {
            findings.add(
                node.position, "missing field '\(option.name)' in \(name)", expected: "expected \(option.notation)")
        }
        return result
    }
}
