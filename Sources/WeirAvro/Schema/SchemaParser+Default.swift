// Defaults in a schema's text, read as values of their field's type.

extension SchemaParser {
    /// The value that `json` stands for as a default of type `node`.
    ///
    /// The default of a union may be of any branch, the first that fits: Avro 1.12 says so, and what
    /// Avro 1.11 allows (the first branch only) is among it.
    mutating func value(_ json: JSON, of node: Int, _ path: String, _ depth: Int) throws(SchemaError) -> AvroValue {
        guard depth < AvroSchema.maximumDepth else {
            throw failure(path, "a default nested deeper than \(AvroSchema.maximumDepth) levels")
        }
        guard defaultBudget > 0 else { throw failure(path, "the schema's defaults are too large") }
        defaultBudget -= 1
        let kind = nodes[node].kind
        switch (kind, json) {
        case (.null, .null): return .null
        case (.boolean, .boolean(let value)): return .boolean(value)
        case (.int, .integer(let value)):
            if let value = Int32(exactly: value) { return .int(value) }
        case (.long, .integer(let value)): return .long(value)
        case (.float, .integer(let value)): return .float(Float(value))
        case (.float, .real(let value)): return .float(Float(value))
        case (.double, .integer(let value)): return .double(Double(value))
        case (.double, .real(let value)): return .double(value)
        case (.string, .string(let text)): return .string(text)
        case (.bytes, .string(let text)):
            if let bytes = SchemaParser.latin1(text) { return .bytes(bytes) }
        case (.fixed(let size), .string(let text)):
            if let bytes = SchemaParser.latin1(text), bytes.count == size { return .fixed(bytes) }
        case (.enumeration(let symbols, _), .string(let text)):
            if let index = symbols.firstIndex(of: text) { return .enumeration(index) }
        case (.array(let items), .array(let list)):
            var values: [AvroValue] = []
            for (position, item) in list.enumerated() {
                values.append(try value(item, of: items, "\(path)/\(position)", depth + 1))
            }
            return .array(values)
        case (.map(let values), .object(let members)):
            var entries: [AvroValue.Entry] = []
            for member in members {
                let inner = try value(member.value, of: values, "\(path)/\(member.key)", depth + 1)
                entries.append(AvroValue.Entry(member.key, inner))
            }
            return .map(entries)
        case (.record(let fields), .object(let members)):
            let given = Dictionary(members.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
            var values: [AvroValue] = []
            for (position, field) in fields.enumerated() {
                let here = "\(path)/\(field.name)"
                guard let given = given[field.name] ?? defaultText(node: node, field: position) else {
                    throw failure(here, "expected a value: the field has no default of its own")
                }
                values.append(try value(given, of: field.type, here, depth + 1))
            }
            return .record(values)
        case (.union(let branches), _):
            for (index, branch) in branches.enumerated() {
                if let value = try? value(json, of: branch, path, depth + 1) { return .union(index, value) }
            }
            let words = branches.map { nodes[$0].name ?? nodes[$0].kind.word }.joined(separator: ", ")
            throw failure(path, "expected a default of one of the union's types (\(words)), found \(json.words)")
        default: break
        }
        throw failure(path, "expected a default of type \(nodes[node].name ?? kind.word), found \(json.words)")
    }

    /// Bytes written as a string whose characters U+0000 to U+00FF stand for one byte each.
    private static func latin1(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            guard let byte = UInt8(exactly: scalar.value) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }
}
