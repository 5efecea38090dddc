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
    /// The fields inside, for a group or a list of groups.
    package let section: ConfigSection?
}

/// What became of the text of a single value.
package enum ConfigReading<Value> {
    case value(Value)
    case malformed
    /// Well-formed, but not allowed: why, and what would be.
    case refused(String, expected: String)
}

extension ConfigShape {
    /// A single value; `parse` gets its text and whether it stood in quotes.
    package static func scalar(
        name: String, notation: String, schema: JSONText,
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
            name: name, notation: notation, schema: schema, read: read, render: render, section: nil)
    }
}

extension ConfigShape where Value == String {
    /// Text that one regular expression describes; the same expression goes into the JSON Schema.
    package static func text(name: String, notation: String, pattern: String) -> ConfigShape {
        .scalar(name: name, notation: notation, schema: ["type": "string", "pattern": .string("^\(pattern)$")]) {
            text, _ in ConfigPattern.matches(text, pattern) ? .value(text) : .malformed
        }
    }
}

extension ConfigShape where Value == Int {
    package static func integer(in range: ClosedRange<Int>) -> ConfigShape {
        let schema: JSONText = [
            "type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound),
        ]
        let notation = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return .scalar(
            name: "whole number", notation: notation, schema: schema, render: { .integer($0) },
            parse: { text, isQuoted in
                guard !isQuoted, let number = Int(text) else { return .malformed }
                return range.contains(number)
                    ? .value(number) : .refused("is out of range: \(text)", expected: notation)
            })
    }
}

extension ConfigShape where Value == ByteSize {
    package static func size(in range: ClosedRange<ByteSize>) -> ConfigShape {
        let notation = "a number with a unit: 512B, 64KiB, 1MiB, 2GiB"
        let units = ByteSize.suffixes.joined(separator: "|")
        let schema: JSONText = ["type": "string", "pattern": .string("^[0-9]+(\(units))$")]
        return .scalar(name: "size", notation: notation, schema: schema) { text, _ in
            guard let size = ByteSize(parsing: text) else { return .malformed }
            return range.contains(size)
                ? .value(size)
                : .refused("is out of range: \(text)", expected: "\(range.lowerBound) to \(range.upperBound)")
        }
    }
}

extension ConfigShape where Value == TimeSpan {
    package static func duration(in range: ClosedRange<TimeSpan>) -> ConfigShape {
        let notation = "a number with a unit: 250ms, 5s, 10m, 2h, 35d"
        let units = TimeSpan.suffixes.joined(separator: "|")
        let schema: JSONText = ["type": "string", "pattern": .string("^[0-9]+(\(units))$")]
        return .scalar(name: "duration", notation: notation, schema: schema) { text, _ in
            guard let span = TimeSpan(parsing: text) else { return .malformed }
            return range.contains(span)
                ? .value(span)
                : .refused("is out of range: \(text)", expected: "\(range.lowerBound) to \(range.upperBound)")
        }
    }
}

extension ConfigShape where Value == Timestamp {
    package static var timestamp: ConfigShape {
        let pattern = #"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z)?"#
        return .scalar(
            name: "timestamp", notation: "a day or an instant in UTC: 2026-11-01, 2026-11-01T10:00:00Z",
            schema: ["type": "string", "pattern": .string("^\(pattern)$")]
        ) { text, _ in Timestamp(parsing: text).map { .value($0) } ?? .malformed }
    }
}

extension ConfigShape where Value == FieldPath {
    package static func path(name: String, notation: String, pattern: String) -> ConfigShape {
        .scalar(name: name, notation: notation, schema: ["type": "string", "pattern": .string("^\(pattern)$")]) {
            text, _ in ConfigPattern.matches(text, pattern) ? .value(FieldPath(text)) : .malformed
        }
    }
}

extension ConfigShape where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of the names of an enum's cases.
    package static func choice(name: String) -> ConfigShape {
        let names = Value.allCases.map(\.rawValue)
        let notation = "one of " + names.joined(separator: ", ")
        let schema: JSONText = ["type": "string", "enum": .array(names.map { .string($0) })]
        return .scalar(
            name: name, notation: notation, schema: schema, render: { .string($0.rawValue) },
            parse: { text, _ in
                if let value = Value(rawValue: text) { return .value(value) }
                let suggestion = Suggestion.text(for: text, among: names)
                return .refused("is unknown: '\(text)'\(suggestion)", expected: notation)
            })
    }
}

extension ConfigShape where Value == ConfigFields {
    /// A group of fields.
    package static func group(_ section: ConfigSection) -> ConfigShape {
        ConfigShape(
            name: "group", notation: "a group of fields: \(section.names.joined(separator: ", "))",
            schema: section.jsonSchema, read: { node, _, findings in section.read(node, into: &findings) },
            render: { _ in [:] }, section: section)
    }
}

extension ConfigShape {
    /// A list of one shape.
    package static func list<Item>(of item: ConfigShape<Item>, atLeast minimum: Int = 0) -> ConfigShape
    where Value == [Placed<Item>] {
        let notation = minimum > 0 ? "a list of at least \(minimum)" : "a list"
        let schema: JSONText =
            minimum > 0
            ? ["type": "array", "minItems": .integer(minimum), "items": item.schema]
            : ["type": "array", "items": item.schema]
        let read: Read = { node, what, findings in
            guard case .list(let nodes) = node.content else {
                findings.add(node.position, "\(what) is \(node.kind)", expected: "expected \(notation)")
                return nil
            }
            if nodes.count < minimum {
                findings.add(node.position, "\(what) is an empty list", expected: "expected \(notation)")
            }
            // A bad item is reported and left out, so that the checks of the others still happen.
            return nodes.compactMap { node in
                item.read(node, "an entry of \(what)", &findings).map { Placed($0, at: node.position) }
            }
        }
        return ConfigShape(
            name: "list of \(item.name)s", notation: notation, schema: schema, read: read,
            render: { .array($0.map { item.render($0.value) }) }, section: item.section)
    }
}
