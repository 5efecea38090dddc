// How a value that no reader wants is walked over.

extension ValueDecoder {
    /// Walks over a value of writer type `node`. Text is not looked at.
    func skip(_ node: Int, _ body: RawSpan, _ run: inout Run) throws(DecodeError) {
        switch resolution.writer[node].kind {
        case .null: try run.empty()
        case .boolean: _ = try body.readBoolean(&run.at)
        case .int: _ = try body.readInt(&run.at)
        case .long: _ = try body.readLong(&run.at)
        case .float: try body.skip(&run.at, 4)
        case .double: try body.skip(&run.at, 8)
        case .bytes, .string: try body.skip(&run.at, try body.readLength(&run.at))
        case .fixed(let size):
            if size == 0 { try run.empty() }
            try body.skip(&run.at, size)
        case .enumeration(let symbols, _):
            _ = try body.readIndex(&run.at, below: symbols.count, or: .badEnumIndex)
        case .union(let branches):
            let branch = try body.readIndex(&run.at, below: branches.count, or: .badUnionIndex)
            run.empties += 1
            try skip(branches[branch], body, &run)
        case .record(let fields):
            if fields.isEmpty { try run.empty() }
            try run.enter()
            for field in fields {
                run.places.append(.field(field.name))
                try skip(field.type, body, &run)
                run.places.removeLast()
            }
            run.depth -= 1
        case .array(let items): try blocks(body, &run) { (run) throws(DecodeError) in try skip(items, body, &run) }
        case .map(let values):
            try blocks(body, &run) { (run) throws(DecodeError) in
                try body.skip(&run.at, try body.readLength(&run.at))
                try skip(values, body, &run)
            }
        }
    }
}
