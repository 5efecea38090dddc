// Reading a whole body as an AvroValue with its writer's schema.

extension AvroValue {
    /// Reads a body; it must end where the value ends.
    ///
    /// Bounds are those of `DecodePlan`. The error's `op` is the index of the schema's node that was being read.
    public static func decode(schema: AvroSchema, from body: RawSpan) throws(DecodeError) -> AvroValue {
        guard body.byteCount <= DecodePlan.maximumBody else { throw DecodeError(.bodyTooLarge, at: 0) }
        var at = 0
        var empties = DecodePlan.maximumEmptyItems
        let value = try read(schema, schema.root, body, &at, &empties, 0)
        guard at == body.byteCount else { throw DecodeError(.trailingBytes, at: at, op: schema.root) }
        return value
    }

    private static func read(
        _ schema: AvroSchema, _ node: Int, _ body: RawSpan, _ at: inout Int, _ empties: inout Int, _ depth: Int
    ) throws(DecodeError) -> AvroValue {
        do throws(DecodeError) {
            switch schema[node].kind {
            case .null: return .null
            case .boolean: return .boolean(try body.readBoolean(&at))
            case .int: return .int(try body.readInt(&at))
            case .long: return .long(try body.readLong(&at))
            case .float: return .float(Float(bitPattern: try body.readLittleEndian(&at)))
            case .double: return .double(Double(bitPattern: try body.readLittleEndian(&at)))
            case .bytes:
                let length = try body.readLength(&at)
                return .bytes(try body.readArray(&at, length))
            case .string: return .string(try string(body, &at))
            case .fixed(let size): return .fixed(try body.readArray(&at, size))
            case .enumeration(let symbols, _):
                return .enumeration(try body.readIndex(&at, below: symbols.count, or: .badEnumIndex))
            case .union(let branches):
                let index = try body.readIndex(&at, below: branches.count, or: .badUnionIndex)
                return .union(index, try read(schema, branches[index], body, &at, &empties, depth))
            case .record(let fields):
                let depth = try deeper(depth, at)
                var values: [AvroValue] = []
                values.reserveCapacity(fields.count)
                for field in fields { values.append(try read(schema, field.type, body, &at, &empties, depth)) }
                return .record(values)
            case .array(let items):
                let depth = try deeper(depth, at)
                var values: [AvroValue] = []
                try blocks(body, &at, &empties) { (at, empties) throws(DecodeError) in
                    values.append(try read(schema, items, body, &at, &empties, depth))
                }
                return .array(values)
            case .map(let type):
                let depth = try deeper(depth, at)
                var entries: [Entry] = []
                try blocks(body, &at, &empties) { (at, empties) throws(DecodeError) in
                    let key = try string(body, &at)
                    entries.append(Entry(key, try read(schema, type, body, &at, &empties, depth)))
                }
                return .map(entries)
            }
        } catch {
            throw error.op < 0 ? DecodeError(error.code, at: Int(error.offset), op: node) : error
        }
    }

    private static func blocks(
        _ body: RawSpan, _ at: inout Int, _ empties: inout Int,
        item: (inout Int, inout Int) throws(DecodeError) -> Void
    ) throws(DecodeError) {
        while true {
            let block = try body.readBlock(&at)
            if block.count == 0 { return }
            for _ in 0..<block.count {
                let start = at
                try item(&at, &empties)
                if at == start {
                    empties -= 1
                    guard empties >= 0 else { throw DecodeError(.tooManyEmptyItems, at: at) }
                }
            }
            guard block.end < 0 || block.end == at else { throw DecodeError(.blockSizeMismatch, at: at) }
        }
    }

    private static func deeper(_ depth: Int, _ at: Int) throws(DecodeError) -> Int {
        guard depth < DecodePlan.maximumDepth else { throw DecodeError(.tooDeep, at: at) }
        return depth + 1
    }

    private static func string(_ body: RawSpan, _ at: inout Int) throws(DecodeError) -> String {
        let length = try body.readLength(&at)
        guard let text = String(validating: try body.readArray(&at, length), as: UTF8.self) else {
            throw DecodeError(.invalidUTF8, at: at - length)
        }
        return text
    }
}
