// Reading whole bodies as values: of the writer's schema, or resolved to a reader's.

/// Reads bodies of a writer's schema as values of a reader's.
///
/// The counterpart of `DecodePlan` for tools, exports and tests: it allocates what it reads, and gives all of it.
/// Memory is bounded by the body's size: every item is at least a byte of it, or one of `DecodePlan.maximumEmptyItems`.
public struct ValueDecoder: Sendable {
    let resolution: Resolution

    /// - Parameter reader: nil takes the writer's, and values come as they were written.
    public init(writer: AvroSchema, reader: AvroSchema? = nil) throws(PlanError) {
        resolution = Resolution(writer: writer, reader: reader ?? writer)
        if let problem = resolution.problem { throw problem }
    }

    /// Reads a body; it must end where the value ends.
    public func decode(_ body: RawSpan) throws(ValueError) -> AvroValue {
        var position = 0
        let value = try decode(body, at: &position)
        guard position == body.byteCount else { throw ValueError(DecodeError(.trailingBytes, at: position), path: "") }
        return value
    }

    /// Reads the value that begins at `position`, and moves it behind it.
    func decode(_ body: RawSpan, at position: inout Int) throws(ValueError) -> AvroValue {
        var run = Run(at: position)
        do throws(DecodeError) {
            guard body.byteCount <= DecodePlan.maximumBody else { throw DecodeError(.bodyTooLarge, at: 0) }
            let value = try read(0, body, &run)
            position = run.at
            return value
        } catch {
            throw ValueError(error, path: run.path)
        }
    }

    /// Where a read stands.
    struct Run {
        enum Place {
            case field(String)
            case item(Int)
        }

        var at: Int
        var empties = DecodePlan.maximumEmptyItems
        /// The way from the outermost value; on an error, the way to what was wrong.
        var places: [Place] = []
        /// Records, arrays and maps that are open.
        var depth = 0

        init(at: Int) { self.at = at }

        mutating func enter() throws(DecodeError) {
            guard depth < DecodePlan.maximumDepth else { throw DecodeError(.tooDeep, at: at) }
            depth += 1
        }

        /// Counts a value that took no bytes.
        mutating func empty() throws(DecodeError) {
            empties -= 1
            guard empties >= 0 else { throw DecodeError(.tooManyEmptyItems, at: at) }
        }

        var path: String {
            places.map { place in
                switch place {
                case .field(let name): "/\(name)"
                case .item(let index): "/\(index)"
                }
            }.joined()
        }
    }

    // MARK: Reading

    private func read(_ index: Int, _ body: RawSpan, _ run: inout Run) throws(DecodeError) -> AvroValue {
        let step = resolution[index]
        let value: AvroValue
        switch step.rule {
        case .refused: throw DecodeError(.unreadableBranch, at: run.at)
        case .union(let branches):
            let branch = try body.readIndex(&run.at, below: branches.count, or: .badUnionIndex)
            // A null among the branches is paid for by the byte of its index.
            run.empties += 1
            return try read(branches[branch], body, &run)
        case .leaf: value = try leaf(step, body, &run)
        case .enumeration(let symbols):
            let start = run.at
            let symbol = symbols[try body.readIndex(&run.at, below: symbols.count, or: .badEnumIndex)]
            guard let symbol else { throw DecodeError(.unknownSymbol, at: start) }
            value = .enumeration(symbol)
        case .record(let rule): value = try record(step, rule, body, &run)
        case .array(let items):
            var values: [AvroValue] = []
            try blocks(body, &run) { (run) throws(DecodeError) in values.append(try read(items, body, &run)) }
            value = .array(values)
        case .map(let part):
            var entries: [AvroValue.Entry] = []
            try blocks(body, &run) { (run) throws(DecodeError) in
                let key = try ValueDecoder.string(body, &run.at)
                entries.append(AvroValue.Entry(key, try read(part, body, &run)))
            }
            value = .map(entries)
        }
        return step.branch.map { .union($0, value) } ?? value
    }

    private func record(
        _ step: Resolution.Step, _ rule: Resolution.RecordRule, _ body: RawSpan, _ run: inout Run
    ) throws(DecodeError) -> AvroValue {
        guard case .record(let fields) = resolution.writer[step.writer].kind,
            case .record(let wanted) = resolution.reader[step.reader].kind, rule.missing.isEmpty
        else { throw DecodeError(.unreadableBranch, at: run.at) }
        if fields.isEmpty { try run.empty() }
        try run.enter()
        var values = Array(repeating: AvroValue.null, count: wanted.count)
        for target in rule.defaults { values[target] = wanted[target].fallback ?? .null }
        for (field, rule) in zip(fields, rule.fields) {
            run.places.append(.field(field.name))
            if let rule {
                values[rule.target] = try read(rule.step, body, &run)
            } else {
                try skip(field.type, body, &run)
            }
            run.places.removeLast()
        }
        run.depth -= 1
        return .record(values)
    }

    func blocks(
        _ body: RawSpan, _ run: inout Run, item: (inout Run) throws(DecodeError) -> Void
    ) throws(DecodeError) {
        try run.enter()
        var position = 0
        while true {
            let block = try body.readBlock(&run.at)
            if block.count == 0 { break }
            for _ in 0..<block.count {
                run.places.append(.item(position))
                try item(&run)
                run.places.removeLast()
                position += 1
            }
            guard block.end < 0 || block.end == run.at else { throw DecodeError(.blockSizeMismatch, at: run.at) }
        }
        run.depth -= 1
    }

    // MARK: Single values

    private func leaf(_ step: Resolution.Step, _ body: RawSpan, _ run: inout Run) throws(DecodeError) -> AvroValue {
        let wanted = resolution.reader[step.reader].kind
        switch resolution.writer[step.writer].kind {
        case .boolean: return .boolean(try body.readBoolean(&run.at))
        case .int:
            let value = try body.readInt(&run.at)
            return switch wanted {
            case .long: .long(Int64(value))
            case .float: .float(Float(value))
            case .double: .double(Double(value))
            default: .int(value)
            }
        case .long:
            let value = try body.readLong(&run.at)
            return switch wanted {
            case .float: .float(Float(value))
            case .double: .double(Double(value))
            default: .long(value)
            }
        case .float:
            let value = Float(bitPattern: try body.readLittleEndian(&run.at))
            return if case .double = wanted { .double(Double(value)) } else { .float(value) }
        case .double: return .double(Double(bitPattern: try body.readLittleEndian(&run.at)))
        case .bytes, .string:
            if case .string = wanted { return .string(try ValueDecoder.string(body, &run.at)) }
            let length = try body.readLength(&run.at)
            return .bytes(try body.readArray(&run.at, length))
        case .fixed(let size):
            if size == 0 { try run.empty() }
            return .fixed(try body.readArray(&run.at, size))
        default:
            try run.empty()
            return .null
        }
    }

    private static func string(_ body: RawSpan, _ at: inout Int) throws(DecodeError) -> String {
        let length = try body.readLength(&at)
        guard let text = String(validating: try body.readArray(&at, length), as: UTF8.self) else {
            throw DecodeError(.invalidUTF8, at: at - length)
        }
        return text
    }
}

extension AvroValue {
    /// Reads one body with the schema it was written with. For many bodies, keep a `ValueDecoder`.
    public static func decode(schema: AvroSchema, from body: RawSpan) throws(ValueError) -> AvroValue {
        do {
            return try ValueDecoder(writer: schema).decode(body)
        } catch let error as ValueError {
            throw error
        } catch {
            // Every schema reads what was written with it, unless its unions are too large to compare.
            throw ValueError(DecodeError(.unreadableBranch, at: 0), path: "")
        }
    }
}
