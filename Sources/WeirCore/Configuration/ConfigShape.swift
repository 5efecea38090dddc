// What may stand behind a field: how it is read, what to say when it is wrong, how it is documented.

/// The type of an option. One value of this drives reading, messages, JSON Schema and reference page.
package struct ConfigShape<Value: Sendable>: Sendable {
    /// Reads a node. `what` names the field in messages.
    package typealias Read =
        @Sendable (_ node: ConfigNode, _ what: String, _ findings: inout ConfigFindings) -> Value?

    /// The type's name in the reference page: `duration`.
    package let name: String
    /// How to write it: `a number with a unit: 250ms, 5s, 10m, 2h, 35d`.
    package let notation: String
    package let schema: JSONText
    package let read: Read
    /// A value as one would write it in JSON (the default, in schema and reference page).
    package let render: @Sendable (Value) -> JSONText
    /// How to write the single values, for the reference page; nil where there are only groups.
    package let legend: ConfigLegend?
    /// The least and the most that is allowed, in words: `1s to 3660d`; empty if all is.
    package let bounds: String
    /// The fields inside, for a group or a list of groups.
    package let section: ConfigSection?
}

extension ConfigShape {
    /// A single value; `parse` gets its text and whether it stood in quotes.
    package static func scalar(
        name: String, notation: String, bounds: String = "", schema: JSONText,
        render: @escaping @Sendable (Value) -> JSONText = { .string("\($0)") },
        parse: @escaping @Sendable (_ text: String, _ isQuoted: Bool) -> ConfigReading<Value>
    ) -> ConfigShape {
        let read: Read = { node, what, findings in
            guard !node.isNull, case .scalar(let text, let isQuoted) = node.content else {
                findings.add(node.position, "\(what) is \(node.kind)", expected: "expected \(notation)")
                return nil
            }
            switch parse(text, isQuoted) {
            case .value(let value):
                return value
            case .malformed:
                findings.add(node.position, "\(what) is not a \(name): '\(text)'", expected: "expected \(notation)")
            case .refused(let problem, let expected):
                findings.add(node.position, "\(what) \(problem)", expected: "expected \(expected)")
            }
            return nil
        }
        return ConfigShape(
            name: name, notation: notation, schema: schema, read: read, render: render,
            legend: ConfigLegend(name: name, notation: notation), bounds: bounds, section: nil)
    }
}
