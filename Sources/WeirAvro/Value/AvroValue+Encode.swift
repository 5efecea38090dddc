// Writing an AvroValue with a schema, checked.

extension AvroValue {
    /// Appends the value's encoding to `writer`; on an error `writer` holds what was written before it.
    public func encode(schema: AvroSchema, into writer: inout AvroWriter) throws(EncodeError) {
        try encode(schema, schema.root, "", &writer)
    }

    /// Appends the encoding of a value of one node of the schema, such as a field's type.
    public func encode(schema: AvroSchema, node: Int, into writer: inout AvroWriter) throws(EncodeError) {
        try encode(schema, node, "", &writer)
    }

    private func encode(
        _ schema: AvroSchema, _ node: Int, _ path: String, _ writer: inout AvroWriter
    ) throws(EncodeError) {
        let kind = schema[node].kind
        switch (kind, self) {
        case (.null, .null): return
        case (.boolean, .boolean(let value)): return writer.writeBoolean(value)
        case (.int, .int(let value)): return writer.writeInt(value)
        case (.long, .long(let value)): return writer.writeLong(value)
        case (.float, .float(let value)): return writer.writeFloat(value)
        case (.double, .double(let value)): return writer.writeDouble(value)
        case (.bytes, .bytes(let value)): return writer.writeBytes(value)
        case (.string, .string(let value)): return writer.writeString(value)
        case (.fixed(let size), .fixed(let value)):
            guard value.count == size else {
                throw EncodeError(path: path, message: "expected \(size) bytes, found \(value.count)")
            }
            return writer.writeFixed(value)
        case (.enumeration(let symbols, _), .enumeration(let index)):
            guard symbols.indices.contains(index) else {
                throw EncodeError(path: path, message: "symbol \(index) of an enum of \(symbols.count)")
            }
            return writer.writeEnum(index)
        case (.array(let items), .array(let values)):
            if !values.isEmpty { writer.writeBlockCount(values.count) }
            for (position, value) in values.enumerated() {
                try value.encode(schema, items, "\(path)/\(position)", &writer)
            }
            return writer.writeBlockEnd()
        case (.map(let values), .map(let entries)):
            if !entries.isEmpty { writer.writeBlockCount(entries.count) }
            for entry in entries {
                writer.writeString(entry.key)
                try entry.value.encode(schema, values, "\(path)/\(entry.key)", &writer)
            }
            return writer.writeBlockEnd()
        case (.record(let fields), .record(let values)):
            guard fields.count == values.count else {
                throw EncodeError(path: path, message: "expected \(fields.count) fields, found \(values.count)")
            }
            for (field, value) in zip(fields, values) {
                try value.encode(schema, field.type, "\(path)/\(field.name)", &writer)
            }
            return
        case (.union(let branches), .union(let index, let value)):
            guard branches.indices.contains(index) else {
                throw EncodeError(path: path, message: "branch \(index) of a union of \(branches.count)")
            }
            writer.writeUnionIndex(index)
            return try value.encode(schema, branches[index], path, &writer)
        default:
            throw EncodeError(path: path, message: "expected \(kind.word), found \(word)")
        }
    }
}
