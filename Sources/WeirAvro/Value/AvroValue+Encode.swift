// Writing an AvroValue with a schema, checked.

extension AvroValue {
    /// Appends the value's encoding to `writer`; on an error `writer` holds what was written before it.
    ///
    /// What it writes can be read: values deeper than `DecodePlan.maximumDepth` are refused.
    public func encode(schema: AvroSchema, into writer: inout AvroWriter) throws(EncodeError) {
        try encode(schema, schema.root, 0, &writer)
    }

    /// Appends the encoding of a value of one node of the schema, such as a field's type.
    public func encode(schema: AvroSchema, node: Int, into writer: inout AvroWriter) throws(EncodeError) {
        try encode(schema, node, 0, &writer)
    }

    private func encode(
        _ schema: AvroSchema, _ node: Int, _ depth: Int, _ writer: inout AvroWriter
    ) throws(EncodeError) {
        func refuse(_ message: String) throws(EncodeError) { throw EncodeError(path: "", message: message) }
        func part(
            _ value: AvroValue, _ node: Int, _ name: some CustomStringConvertible
        ) throws(EncodeError) {
            do throws(EncodeError) {
                try value.encode(schema, node, depth + 1, &writer)
            } catch {
                throw error.inside(name)
            }
        }
        if depth >= DecodePlan.maximumDepth, isContainer {
            try refuse("values nested deeper than \(DecodePlan.maximumDepth) levels")
        }
        let kind = schema[node].kind
        switch (kind, self) {
        case (.null, .null): break
        case (.boolean, .boolean(let value)): writer.writeBoolean(value)
        case (.int, .int(let value)): writer.writeInt(value)
        case (.long, .long(let value)): writer.writeLong(value)
        case (.float, .float(let value)): writer.writeFloat(value)
        case (.double, .double(let value)): writer.writeDouble(value)
        case (.bytes, .bytes(let value)): writer.writeBytes(value)
        case (.string, .string(let value)): writer.writeString(value)
        case (.fixed(let size), .fixed(let value)):
            if value.count != size { try refuse("expected \(size) bytes, found \(value.count)") }
            writer.writeFixed(value)
        case (.enumeration(let symbols, _), .enumeration(let index)):
            if !symbols.indices.contains(index) { try refuse("symbol \(index) of an enum of \(symbols.count)") }
            writer.writeEnum(index)
        case (.array(let items), .array(let values)):
            if !values.isEmpty { writer.writeBlockCount(values.count) }
            for (position, value) in values.enumerated() { try part(value, items, position) }
            writer.writeBlockEnd()
        case (.map(let values), .map(let entries)):
            if !entries.isEmpty { writer.writeBlockCount(entries.count) }
            for entry in entries {
                writer.writeString(entry.key)
                try part(entry.value, values, entry.key)
            }
            writer.writeBlockEnd()
        case (.record(let fields), .record(let values)):
            if fields.count != values.count { try refuse("expected \(fields.count) fields, found \(values.count)") }
            for (field, value) in zip(fields, values) { try part(value, field.type, field.name) }
        case (.union(let branches), .union(let index, let value)):
            guard branches.indices.contains(index) else {
                return try refuse("branch \(index) of a union of \(branches.count)")
            }
            writer.writeUnionIndex(index)
            try value.encode(schema, branches[index], depth, &writer)
        default: try refuse("expected \(kind.word), found \(word)")
        }
    }

    private var isContainer: Bool {
        switch self {
        case .array, .map, .record: true
        default: false
        }
    }
}
