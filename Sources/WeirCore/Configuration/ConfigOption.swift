// The declaration of one field of a configuration file: its only one.

/// A field's name, type, default and meaning. Also the key that its value is fetched with after reading.
package struct ConfigOption<Value: Sendable>: AnyConfigOption {
    package enum Presence: Sendable {
        case required
        case optional(default: Value)
        /// May be left out; what that means is told in words and decided by whoever reads the value.
        case derived(String)
    }

    package let name: String
    package let shape: ConfigShape<Value>
    package let presence: Presence
    package let doc: String

    package init(_ name: String, _ shape: ConfigShape<Value>, _ presence: Presence, _ doc: String) {
        self.name = name
        self.shape = shape
        self.presence = presence
        self.doc = doc
    }

    package var typeName: String { shape.name }
    package var notation: String { shape.notation }
    package var legend: ConfigLegend? { shape.legend }
    package var bounds: String { shape.bounds }
    package var section: ConfigSection? { shape.section }

    package var isRequired: Bool {
        if case .required = presence { true } else { false }
    }

    package var defaultValue: Value? {
        if case .optional(let value) = presence { value } else { nil }
    }

    package var defaultText: String {
        switch presence {
        case .required: "required"
        case .optional(let value):
            switch shape.render(value) {
            case .string(""): "none"
            case .string(let text): "`\(text)`"
            case let other: "`\(other.pretty())`"
            }
        case .derived(let words): words
        }
    }

    package var schema: JSONText {
        guard case .object(var members) = shape.schema else { preconditionFailure("a schema is an object") }
        members.removeAll { $0.name == "description" }
        members.insert(.init(name: "description", value: .string(doc)), at: 0)
        if let value = defaultValue { members.append(.init(name: "default", value: shape.render(value))) }
        return .object(members)
    }

    package func readAny(_ node: ConfigNode, _ what: String, into findings: inout ConfigFindings) -> (any Sendable)? {
        shape.read(node, what, &findings)
    }
}
