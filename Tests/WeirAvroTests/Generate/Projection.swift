// What a plan must read out of a value: the fields that a topology could ask for, with their contents.

import WeirAvro
import WeirCore

/// Collects requests against a schema, and what a value of the schema answers.
struct Projection {
    private(set) var found: [(request: FieldRequest, content: Content)] = []
    private let schema: AvroSchema
    private let withExtents: Bool

    init(schema: AvroSchema, value: AvroValue, withExtents: Bool) throws {
        self.schema = schema
        self.withExtents = withExtents
        try collect(schema.root, value, [])
    }

    private mutating func collect(_ node: Int, _ value: AvroValue?, _ path: [String]) throws {
        guard path.count < 6 else { return }
        switch (schema[node].kind, value) {
        case (.union(let branches), _):
            // Only unions of null and one more can be looked into.
            guard branches.count == 2, let null = branches.firstIndex(where: isNull) else { return }
            var inner: AvroValue?
            if case .union(1 - null, let chosen) = value { inner = chosen }
            try collect(branches[1 - null], inner, path)
        case (.record(let fields), _):
            for (index, field) in fields.enumerated() {
                var inner: AvroValue?
                if case .record(let values) = value { inner = values[index] }
                if withExtents, path.isEmpty, let inner {
                    var writer = AvroWriter()
                    try inner.encode(schema: schema, node: field.type, into: &writer)
                    found.append((FieldRequest(FieldPath(field.name), .extent), .bytes(writer.bytes)))
                }
                try collect(field.type, inner, path + [field.name])
            }
        case (.map(let values), _):
            var entries: [AvroValue.Entry] = []
            if case .map(let given) = value { entries = given }
            if let entry = entries.first { try collect(values, entry.value, path + [entry.key]) }
            try collect(values, nil, path + ["absent"])
        case (_, let value):
            let request = FieldRequest(FieldPath(path.joined(separator: ".")), .identity)
            guard schema.problem(with: request) == nil else { return }
            found.append((request, content(node, value)))
        }
    }

    private func isNull(_ node: Int) -> Bool {
        if case .null = schema[node].kind { true } else { false }
    }

    private func content(_ node: Int, _ value: AvroValue?) -> Content {
        switch (schema[node].kind, value) {
        case (_, .boolean(let value)): .integer(value ? 1 : 0)
        case (_, .int(let value)): .integer(Int64(value))
        case (_, .long(let value)): .integer(schema[node].logical == .timestampMillis ? value * 1000 : value)
        case (_, .string(let text)): .bytes(Array(text.utf8))
        case (_, .bytes(let bytes)), (_, .fixed(let bytes)): .bytes(bytes)
        case (.enumeration(let symbols, _), .enumeration(let index)): .bytes(Array(symbols[index].utf8))
        default: .null
        }
    }
}
