// Random schemas with values of them, from a seed.

import WeirAvro
import WeirCore

/// A schema of a record, a value of it, and every path into it that a topology could request.
struct RandomCase {
    let text: String
    let schema: AvroSchema
    let value: AvroValue
    let body: [UInt8]

    init(seed: UInt64) throws {
        var maker = Maker(random: SeededGenerator(seed: seed))
        text = maker.record(depth: 0)
        schema = try AvroSchema(parsing: text, source: "case \(seed)")
        value = maker.value(of: schema, schema.root, depth: 0)
        var writer = AvroWriter()
        try value.encode(schema: schema, into: &writer)
        body = writer.bytes
    }

    /// Whether the schema has an array of items that take no memory, which libavro 1.11 cannot append to.
    var hasEmptyItems: Bool {
        schema.nodes.contains { node in
            switch node.kind {
            case .array(let items), .map(let items): isEmpty(items, depth: 0)
            default: false
            }
        }
    }

    private func isEmpty(_ node: Int, depth: Int) -> Bool {
        switch schema[node].kind {
        case .null: true
        case .record(let fields): depth < 8 && fields.allSatisfy { isEmpty($0.type, depth: depth + 1) }
        default: false
        }
    }

    /// Requests for everything that can be read, with what must come out.
    func expectations() throws -> [(request: FieldRequest, content: Content)] {
        var found: [(FieldRequest, Content)] = []
        try collect(schema.root, value, [], &found)
        return found
    }

    private func collect(
        _ node: Int, _ value: AvroValue?, _ path: [String], _ found: inout [(FieldRequest, Content)]
    ) throws {
        guard path.count < 6 else { return }
        let here = FieldPath(path.joined(separator: "."))
        switch (schema[node].kind, value) {
        case (.union(let branches), _):
            // Only unions of null and one more can be looked into.
            guard branches.count == 2 else { return }
            let isNullFirst = if case .null = schema[branches[0]].kind { true } else { false }
            let other = isNullFirst ? 1 : 0
            var inner: AvroValue?
            if case .union(other, let chosen) = value { inner = chosen }
            try collect(branches[other], inner, path, &found)
        case (.record(let fields), _):
            for (index, field) in fields.enumerated() {
                var inner: AvroValue?
                if case .record(let values) = value { inner = values[index] }
                if path.isEmpty, let inner {
                    var writer = AvroWriter()
                    try inner.encode(schema: schema, node: field.type, into: &writer)
                    found.append((FieldRequest(FieldPath(field.name), .extent), .bytes(writer.bytes)))
                }
                try collect(field.type, inner, path + [field.name], &found)
            }
        case (.map(let values), _):
            var entries: [AvroValue.Entry] = []
            if case .map(let given) = value { entries = given }
            if let entry = entries.first { try collect(values, entry.value, path + [entry.key], &found) }
            try collect(values, nil, path + ["absent"], &found)
        case (let kind, let value):
            let request = FieldRequest(here, .identity)
            guard schema.problem(with: request) == nil else { return }
            found.append((request, content(kind, value)))
        }
    }

    private func content(_ kind: AvroSchema.Kind, _ value: AvroValue?) -> Content {
        switch (kind, value) {
        case (_, .boolean(let value)): return .integer(value ? 1 : 0)
        case (_, .int(let value)): return .integer(Int64(value))
        case (_, .long(let value)): return .integer(value)
        case (_, .string(let text)): return .bytes(Array(text.utf8))
        case (_, .bytes(let bytes)), (_, .fixed(let bytes)): return .bytes(bytes)
        case (.enumeration(let symbols, _), .enumeration(let index)): return .bytes(Array(symbols[index].utf8))
        default: return .null
        }
    }
}

/// Draws schemas and values.
private struct Maker {
    var random: SeededGenerator
    private var names = 0
    /// Records being written, which their own fields may refer to behind a union or an array.
    private var open: [String] = []

    init(random: SeededGenerator) { self.random = random }

    private mutating func name(_ prefix: String) -> String {
        names += 1
        return "\(prefix)\(names)"
    }

    mutating func record(depth: Int) -> String {
        let own = name("R")
        open.append(own)
        defer { open.removeLast() }
        let fields = (0..<Int.random(in: depth == 0 ? 1...7 : 0...4, using: &random)).map { index in
            #"{"name": "f\#(index)", "type": \#(type(depth: depth + 1))}"#
        }
        return #"{"type": "record", "name": "\#(own)", "fields": [\#(fields.joined(separator: ", "))]}"#
    }

    private mutating func type(depth: Int, inUnion: Bool = false) -> String {
        let plain = ["null", "boolean", "int", "long", "float", "double", "bytes", "string", "string", "long"]
        let choice = Int.random(in: 0..<(depth > 4 ? 12 : 20), using: &random)
        switch choice {
        case 0..<10: return #""\#(plain[choice])""#
        case 10:
            let symbols = (0..<Int.random(in: 1...5, using: &random)).map { "\"S\($0)\"" }.joined(separator: ", ")
            return #"{"type": "enum", "name": "\#(name("E"))", "symbols": [\#(symbols)]}"#
        case 11:
            return #"{"type": "fixed", "name": "\#(name("F"))", "size": \#(Int.random(in: 1...20, using: &random))}"#
        case 12, 13: return #"{"type": "array", "items": \#(type(depth: depth + 1))}"#
        case 14, 15: return #"{"type": "map", "values": \#(type(depth: depth + 1))}"#
        case 16 where !inUnion:
            return #"["null", "\#(open[Int.random(in: 0..<open.count, using: &random)])"]"#
        case 17,
            18 where !inUnion:
            return union(depth: depth)
        default: return record(depth: depth)
        }
    }

    private mutating func union(depth: Int) -> String {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return #"["null", "string"]"#
        case 1: return #"["long", "null"]"#
        case 2: return #"["null", \#(record(depth: depth + 1))]"#
        default: return #"["string", "null", {"type": "map", "values": \#(type(depth: depth + 1))}, "double"]"#
        }
    }

    mutating func value(of schema: AvroSchema, _ node: Int, depth: Int) -> AvroValue {
        switch schema[node].kind {
        case .null: return .null
        case .boolean: return .boolean(Bool.random(using: &random))
        case .int: return .int(Int32(truncatingIfNeeded: number()))
        case .long: return .long(number())
        case .float: return .float(Float.random(in: -1e6...1e6, using: &random))
        case .double: return .double(Double.random(in: -1e9...1e9, using: &random))
        case .bytes: return .bytes(bytes(Int.random(in: 0...20, using: &random)))
        case .string: return .string(string())
        case .fixed(let size): return .fixed(bytes(size))
        case .enumeration(let symbols, _): return .enumeration(Int.random(in: symbols.indices, using: &random))
        case .record(let fields):
            return .record(fields.map { value(of: schema, $0.type, depth: depth + 1) })
        case .array(let items):
            let count = depth > 8 ? 0 : Int.random(in: 0...3, using: &random)
            return .array((0..<count).map { _ in value(of: schema, items, depth: depth + 1) })
        case .map(let values):
            let count = depth > 8 ? 0 : Int.random(in: 0...3, using: &random)
            return .map(
                (0..<count).map { AvroValue.Entry("k\($0)", value(of: schema, values, depth: depth + 1)) })
        case .union(let branches):
            var index = Int.random(in: branches.indices, using: &random)
            if depth > 8 {
                index =
                    branches.firstIndex { if case .null = schema[$0].kind { true } else { false } } ?? 0
            }
            return .union(index, value(of: schema, branches[index], depth: depth + 1))
        }
    }

    private mutating func number() -> Int64 {
        Int64(bitPattern: random.next()) >> Int64.random(in: 0..<64, using: &random)
    }

    private mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    private mutating func string() -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789-äß€𝄞")
        return String(
            (0..<Int.random(in: 0...24, using: &random)).map { _ in letters.randomElement(using: &random) ?? "?" })
    }
}
