// The types of value that any configuration file may have.

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
        let bounds = "\(range.lowerBound) to \(range.upperBound)"
        return .scalar(
            name: "whole number", notation: "digits alone: 1, 25000", bounds: bounds, schema: schema,
            render: { .integer($0) },
            parse: { text, isQuoted in
                guard !isQuoted, let number = Int(text) else { return .malformed }
                return range.contains(number)
                    ? .value(number) : .refused("is out of range: \(text)", expected: bounds)
            })
    }
}

extension ConfigShape where Value == ByteSize {
    package static func size(in range: ClosedRange<ByteSize>) -> ConfigShape {
        let notation = "a number with a unit: 512B, 64KiB, 1MiB, 2GiB"
        let units = ByteSize.suffixes.joined(separator: "|")
        let schema: JSONText = ["type": "string", "pattern": .string("^[0-9]+(\(units))$")]
        let bounds = "\(range.lowerBound) to \(range.upperBound)"
        return .scalar(name: "size", notation: notation, bounds: bounds, schema: schema) { text, _ in
            guard let size = ByteSize(parsing: text) else { return .malformed }
            return range.contains(size)
                ? .value(size)
                : .refused("is out of range: \(text)", expected: bounds)
        }
    }
}

extension ConfigShape where Value == TimeSpan {
    /// - Parameter unit: for somebody who knows nothing shorter, and would cut the rest off.
    package static func duration(
        in range: ClosedRange<TimeSpan>, inMultiplesOf unit: TimeSpan = TimeSpan(microseconds: 1)
    ) -> ConfigShape {
        let notation = "a number with a unit: 250ms, 5s, 10m, 2h, 35d"
        let units = TimeSpan.suffixes.joined(separator: "|")
        let schema: JSONText = ["type": "string", "pattern": .string("^[0-9]+(\(units))$")]
        let steps = unit.microseconds == 1 ? "" : ", in multiples of \(unit)"
        let bounds = "\(range.lowerBound) to \(range.upperBound)\(steps)"
        return .scalar(name: "duration", notation: notation, bounds: bounds, schema: schema) { text, _ in
            guard let span = TimeSpan(parsing: text) else { return .malformed }
            guard span.microseconds % unit.microseconds == 0 else {
                return .refused("is no multiple of \(unit): \(text)", expected: bounds)
            }
            return range.contains(span)
                ? .value(span)
                : .refused("is out of range: \(text)", expected: bounds)
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
            render: { _ in [:] }, legend: nil, bounds: "", section: section)
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
            render: { .array($0.map { item.render($0.value) }) }, legend: item.legend, bounds: item.bounds,
            section: item.section)
    }
}
