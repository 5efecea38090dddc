// An Avro value as JSON that people can read and edit, and back.

internal import WeirCore

/// The form is Avro's JSON encoding, made easier for people:
/// a union of null and one other type is the bare value; other unions are `{"type": value}`.
/// Bytes and fixed are hexadecimal, `0x0a1b`; logical types are what they mean (`LogicalText`): `"12.50"`,
/// `"2026-11-01T10:00:00Z"`, or the plain form where that has no such value.
/// Floats that are no numbers are `"NaN"`, `"Infinity"` and `"-Infinity"`.
extension AvroValue {
    /// The value in the shape of the schema it was read with.
    package func json(schema: AvroSchema) -> JSON { json(schema, schema.root) }

    func json(_ schema: AvroSchema, _ node: Int) -> JSON {
        let type = schema[node]
        switch (self, type.kind) {
        case (.boolean(let value), _): return .boolean(value)
        case (.int(let value), _): return AvroJSON.integer(Int64(value), type.logical)
        case (.long(let value), _): return AvroJSON.integer(value, type.logical)
        case (.float(let value), _): return AvroJSON.real(Double(String(value)) ?? Double(value))
        case (.double(let value), _): return AvroJSON.real(value)
        case (.string(let text), _): return .string(text)
        case (.bytes(let bytes), _), (.fixed(let bytes), _):
            return .string(LogicalText.text(bytes, type.logical) ?? Hex.text(bytes))
        case (.enumeration(let index), .enumeration(let symbols, _)): return .string(symbols[index])
        case (.array(let values), .array(let items)): return .array(values.map { $0.json(schema, items) })
        case (.map(let entries), .map(let values)):
            return .object(entries.map { JSON.Member($0.key, $0.value.json(schema, values)) })
        case (.record(let values), .record(let fields)):
            return .object(zip(fields, values).map { JSON.Member($0.name, $1.json(schema, $0.type)) })
        case (.union(let index, let value), .union(let branches)):
            let inner = value.json(schema, branches[index])
            if case .null = value { return inner }
            if schema.optional(branches) != nil { return inner }
            return .object([JSON.Member(schema.branchName(branches[index]), inner)])
        default: return .null
        }
    }

    /// Reads what `json` writes; a field that is missing takes its default.
    package init(json: JSON, schema: AvroSchema) throws(EncodeError) {
        self = try AvroValue.read(json, schema, schema.root, "")
    }

    private static func read(
        _ json: JSON, _ schema: AvroSchema, _ node: Int, _ path: String
    ) throws(EncodeError) -> AvroValue {
        let type = schema[node]
        switch (type.kind, json) {
        case (.null, .null): return .null
        case (.boolean, .boolean(let value)): return .boolean(value)
        case (.int, .integer(let value)):
            guard let value = Int32(exactly: value) else {
                throw EncodeError(path: path, message: "\(value) does not fit an int")
            }
            return .int(value)
        case (.int, .string(let text)):
            if let value = LogicalText.number(text, type.logical).flatMap(Int32.init(exactly:)) { return .int(value) }
        case (.long, .integer(let value)): return .long(value)
        case (.long, .string(let text)):
            if let value = LogicalText.number(text, type.logical) { return .long(value) }
        case (.float, _):
            if let value = AvroJSON.double(json) { return .float(Float(value)) }
        case (.double, _):
            if let value = AvroJSON.double(json) { return .double(value) }
        case (.string, .string(let text)): return .string(text)
        case (.bytes, .string(let text)):
            if let bytes = Hex.bytes(text) ?? LogicalText.bytes(text, type.logical, size: nil) { return .bytes(bytes) }
        case (.fixed(let size), .string(let text)):
            if let bytes = Hex.bytes(text) ?? LogicalText.bytes(text, type.logical, size: size), bytes.count == size {
                return .fixed(bytes)
            }
        case (.enumeration(let symbols, _), .string(let text)):
            guard let index = symbols.firstIndex(of: text) else {
                throw EncodeError(
                    path: path, message: "there is no symbol '\(text)', only \(symbols.joined(separator: ", "))")
            }
            return .enumeration(index)
        case (.array(let items), .array(let list)):
            var values: [AvroValue] = []
            for (index, item) in list.enumerated() { values.append(try read(item, schema, items, "\(path)/\(index)")) }
            return .array(values)
        case (.map(let values), .object(let members)):
            var entries: [Entry] = []
            for member in members {
                entries.append(Entry(member.key, try read(member.value, schema, values, "\(path)/\(member.key)")))
            }
            return .map(entries)
        case (.record(let fields), .object(let members)): return try record(fields, members, schema, path)
        case (.union(let branches), _): return try union(branches, json, schema, path)
        default: break
        }
        throw EncodeError(path: path, message: "expected \(AvroJSON.words(type)), found \(json.words)")
    }

    private static func record(
        _ fields: [AvroSchema.Field], _ members: [JSON.Member], _ schema: AvroSchema, _ path: String
    ) throws(EncodeError) -> AvroValue {
        let names = fields.map(\.name)
        for member in members where !names.contains(member.key) {
            let near = Suggestion.text(for: member.key, among: names)
            throw EncodeError(path: "\(path)/\(member.key)", message: "the schema has no such field\(near)")
        }
        var values: [AvroValue] = []
        for field in fields {
            if let member = members.first(where: { $0.key == field.name }) {
                values.append(try read(member.value, schema, field.type, "\(path)/\(field.name)"))
            } else if let fallback = field.fallback {
                values.append(fallback)
            } else {
                throw EncodeError(path: "\(path)/\(field.name)", message: "missing, and the schema has no default")
            }
        }
        return .record(values)
    }

    private static func union(
        _ branches: [Int], _ json: JSON, _ schema: AvroSchema, _ path: String
    ) throws(EncodeError) -> AvroValue {
        if case .null = json {
            if let index = branches.firstIndex(where: { schema.isNull($0) }) { return .union(index, .null) }
        } else if let index = schema.optional(branches) {
            return .union(index, try read(json, schema, branches[index], path))
        } else if case .object(let members) = json, let member = members.first, members.count == 1,
            let index = branches.firstIndex(where: { schema.branchName($0) == member.key })
        {
            return .union(index, try read(member.value, schema, branches[index], path))
        }
        let names = branches.map { schema.branchName($0) }
        throw EncodeError(
            path: path, message: "expected {\"type\": value} with a type of \(names.joined(separator: ", "))")
    }
}

extension AvroSchema {
    fileprivate func isNull(_ node: Int) -> Bool {
        if case .null = self[node].kind { true } else { false }
    }

    /// Index of the other branch, in a union of null and one more type.
    fileprivate func optional(_ branches: [Int]) -> Int? {
        guard branches.count == 2, let null = branches.firstIndex(where: { isNull($0) }) else { return nil }
        return 1 - null
    }

    fileprivate func branchName(_ node: Int) -> String { self[node].name ?? self[node].kind.word }
}

/// The forms of numbers that JSON does not have, and what is said of forms that do not fit.
private enum AvroJSON {
    static func integer(_ value: Int64, _ logical: LogicalType?) -> JSON {
        LogicalText.text(value, logical).map { .string($0) } ?? .integer(value)
    }

    static func real(_ value: Double) -> JSON {
        if value.isFinite { return .real(value) }
        return .string(value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity")
    }

    static func double(_ json: JSON) -> Double? {
        switch json {
        case .integer(let value): Double(value)
        case .real(let value): value
        case .string("NaN"): .nan
        case .string("Infinity"): .infinity
        case .string("-Infinity"): -.infinity
        default: nil
        }
    }

    /// What may stand there.
    static func words(_ type: AvroSchema.Node) -> String {
        switch type.kind {
        case .int, .long, .bytes, .fixed:
            if let example = LogicalText.example(type.logical) { return example }
        default: break
        }
        return switch type.kind {
        case .bytes: "bytes like \"0x0a1b\""
        case .fixed(let size): "\(size) bytes like \"0x0a1b\""
        default: type.name ?? type.kind.word
        }
    }
}
