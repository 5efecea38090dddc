// Fields that a thing has only if it is of the right kind, declared once for reading and for the JSON Schema.

internal import WeirCore

/// What the kinds of a group need, and what they have nothing to do with. Fields that are not listed belong to all.
struct FieldsByKind<Kind: RawRepresentable<String> & CaseIterable & Equatable & Sendable>: Sendable {
    struct Field: Sendable {
        let option: any AnyConfigOption
        let kinds: [Kind]
        /// By each of these kinds.
        let isRequired: Bool

        init(_ option: any AnyConfigOption, of kinds: [Kind], isRequired: Bool = false) {
            self.option = option
            self.kinds = kinds
            self.isRequired = isRequired
        }
    }

    /// The field that tells the kind.
    private let kindOption: ConfigOption<Kind>
    private let fields: [Field]

    init(of kindOption: ConfigOption<Kind>, _ fields: [Field]) {
        self.kindOption = kindOption
        self.fields = fields
    }

    /// Reports what a group of this kind lacks, and what belongs to another: it would be read and mean nothing.
    ///
    /// - Parameter name: of the group, for messages.
    func check(_ group: ConfigFields, _ kind: Kind, _ name: String, _ findings: inout ConfigFindings) {
        for field in fields {
            if field.kinds.contains(kind) {
                guard field.isRequired, !group.isGiven(field.option) else { continue }
                findings.add(
                    group.position, "missing field '\(field.option.name)' in \(name)",
                    expected: "\(kind.rawValue) needs \(field.option.notation)")
            } else if let position = group.givenPosition(field.option) {
                let owners = field.kinds.map(\.rawValue).joined(separator: ", ")
                findings.add(
                    position, "field '\(field.option.name)' is not for \(kindOption.name) \(kind.rawValue)",
                    expected: "it belongs to \(owners)")
            }
        }
    }

    /// The same, for editors.
    var conditions: [JSONText.Member] {
        let rules = Kind.allCases.map { kind -> JSONText in
            let own = fields.filter { $0.kinds.contains(kind) && $0.isRequired }
            let foreign = fields.filter { !$0.kinds.contains(kind) }
            var then: [JSONText.Member] = []
            if !own.isEmpty { then.append(.init(name: "required", value: .array(own.map { .string($0.option.name) }))) }
            if !foreign.isEmpty {
                let none = foreign.map { JSONText.Member(name: $0.option.name, value: false) }
                then.append(.init(name: "properties", value: .object(none)))
            }
            var match: [JSONText.Member] = [
                .init(
                    name: "properties",
                    value: .object([.init(name: kindOption.name, value: ["const": .string(kind.rawValue)])]))
            ]
            // Who says no kind has the default one.
            if kindOption.defaultValue != kind {
                match.append(.init(name: "required", value: [.string(kindOption.name)]))
            }
            return ["if": .object(match), "then": .object(then)]
        }
        return [.init(name: "allOf", value: .array(rules))]
    }
}
