// The loop that runs a plan over a body: the hot path of all decoding.

public import WeirCore

extension DecodePlan {
    /// Reads one body, and fills `fields` in the order of the plan's requests.
    ///
    /// The whole body is checked: types that are not asked for are walked over, and bytes after the
    /// record are an error. On an error what `fields` holds means nothing.
    /// - Parameter fields: at least `fieldCount` long.
    public func decode(_ body: RawSpan, into fields: inout MutableSpan<FieldValue>) throws(DecodeError) {
        precondition(fields.count >= fieldCount, "room for every requested field")
        guard body.byteCount <= DecodePlan.maximumBody else { throw DecodeError(.bodyTooLarge, at: 0) }
        var empties = DecodePlan.maximumEmptyItems
        let end = try run(ops.span, 0, body, at: 0, depth: 1, empties: &empties, into: &fields)
        guard end == body.byteCount else { throw DecodeError(.trailingBytes, at: end) }
    }

    /// Runs ops from `start` to the next `end`, on the bytes from `position`; returns where it stopped reading.
    ///
    /// Slots and jumps are not checked against their tables: the compiler that made the ops did, and
    /// the ops never change.
    private func run(
        _ ops: Span<Op>, _ start: Int, _ body: RawSpan, at position: Int, depth: Int, empties: inout Int,
        into fields: inout MutableSpan<FieldValue>
    ) throws(DecodeError) -> Int {
        var at = position
        var pc = start
        do throws(DecodeError) {
            while true {
                let code = ops.code(pc)
                guard code.rawValue <= Op.Code.readEnum.rawValue else {
                    switch code {
                    case .end: return at
                    case .jump:
                        pc = ops.a(pc)
                        continue
                    case .call:
                        guard depth < DecodePlan.maximumDepth else { throw DecodeError(.tooDeep, at: at) }
                        at = try run(ops, ops.a(pc), body, at: at, depth: depth &+ 1, empties: &empties, into: &fields)
                    case .array:
                        at = try runBlocks(
                            ops, pc &+ 1, body, at: at, depth: depth, empties: &empties, size: ops.b(pc),
                            into: &fields)
                        pc = ops.a(pc)
                        continue
                    case .bytesMap:
                        guard depth < DecodePlan.maximumDepth else { throw DecodeError(.tooDeep, at: at) }
                        if ops.a(pc) == 0 {
                            at = try body.skipBytesMap(from: at)
                        } else {
                            at = try readBytesMap(ops, pc, body, at: at, into: &fields)
                            pc &+= ops.a(pc)
                        }
                    case .setNull: fields[unchecked: ops.slot(pc)] = FieldValue(kind: .null)
                    case .constant: fields[unchecked: ops.slot(pc)] = presets.span[unchecked: ops.a(pc)]
                    case .copy: fields[unchecked: ops.slot(pc)] = fields[unchecked: ops.a(pc)]
                    case .beginExtent: fields[unchecked: ops.slot(pc)].offset = UInt32(truncatingIfNeeded: at)
                    case .endExtent:
                        let start = Int(fields[unchecked: ops.slot(pc)].offset)
                        fields[unchecked: ops.slot(pc)] = DecodePlan.range(start, at &- start)
                    case .readBoolean:
                        fields[unchecked: ops.slot(pc)] = FieldValue(
                            kind: .integer, integer: try body.readBoolean(&at) ? 1 : 0)
                    case .skipBoolean: _ = try body.readBoolean(&at)
                    case .readFixed:
                        fields[unchecked: ops.slot(pc)] = DecodePlan.range(at, ops.a(pc))
                        try body.skip(&at, ops.a(pc))
                    case .skipFixed: try body.skip(&at, ops.a(pc))
                    case .refuse: throw DecodeError(.unreadableBranch, at: at)
                    default: preconditionFailure("keys are read by selectKey, numbers below")
                    }
                    pc &+= 1
                    continue
                }

                let opening = at
                let raw = try body.readVarint(&at)
                switch code {
                case .readString:
                    let length = try body.length(raw, opening, at)
                    guard body.isUTF8(from: at, count: length) else { throw DecodeError(.invalidUTF8, at: at) }
                    fields[unchecked: ops.slot(pc)] = DecodePlan.range(at, length)
                    at &+= length
                case .readBytes:
                    let length = try body.length(raw, opening, at)
                    fields[unchecked: ops.slot(pc)] = DecodePlan.range(at, length)
                    at &+= length
                case .skipBytes: at &+= try body.length(raw, opening, at)
                case .skipOptionalBytes:
                    if try body.index(raw, below: 2, or: .badUnionIndex, opening) != ops.a(pc) {
                        at &+= try body.readLength(&at)
                    }
                case .readLong:
                    fields[unchecked: ops.slot(pc)] = FieldValue(kind: .integer, integer: RawSpan.signed(raw))
                case .readMillis:
                    let (micros, overflow) = RawSpan.signed(raw).multipliedReportingOverflow(by: 1000)
                    guard !overflow else { throw DecodeError(.timeOutOfRange, at: opening) }
                    fields[unchecked: ops.slot(pc)] = FieldValue(kind: .integer, integer: micros)
                case .readInt:
                    fields[unchecked: ops.slot(pc)] = FieldValue(kind: .integer, integer: try body.int(raw, opening))
                case .readIntMillis:
                    fields[unchecked: ops.slot(pc)] = FieldValue(
                        kind: .integer, integer: try body.int(raw, opening) &* 1000)
                case .skipLong: break
                case .skipInt: _ = try body.int(raw, opening)
                case .readEnum:
                    let index = try body.index(raw, below: ops.b(pc), or: .badEnumIndex, opening)
                    let symbol = symbols.span[unchecked: ops.a(pc) &+ index]
                    guard symbol.kind == .bytes else { throw DecodeError(.unknownSymbol, at: opening) }
                    fields[unchecked: ops.slot(pc)] = symbol
                case .skipEnum: _ = try body.index(raw, below: ops.a(pc), or: .badEnumIndex, opening)
                case .optional:
                    if try body.index(raw, below: 2, or: .badUnionIndex, opening) == ops.b(pc) {
                        pc = ops.a(pc)
                        continue
                    }
                case .union: pc &+= try body.index(raw, below: ops.a(pc), or: .badUnionIndex, opening)
                default:
                    // selectKey
                    let length = try body.length(raw, opening, at)
                    let entry = find(ops, pc, body, at, length)
                    pc = entry < 0 ? pc &+ 1 &+ ops.a(pc) : Int(ops[unchecked: entry].c)
                    at &+= length
                    continue
                }
                pc &+= 1
            }
        } catch {
            throw error.op < 0 ? DecodeError(error.code, at: Int(error.offset), op: pc) : error
        }
    }

    /// Runs the item at `start` for every item of an array or map; `size` is the least an item takes.
    private func runBlocks(
        _ ops: Span<Op>, _ start: Int, _ body: RawSpan, at position: Int, depth: Int, empties: inout Int, size: Int,
        into fields: inout MutableSpan<FieldValue>
    ) throws(DecodeError) -> Int {
        guard depth < DecodePlan.maximumDepth else { throw DecodeError(.tooDeep, at: position) }
        var at = position
        while true {
            let opening = at
            let block = try body.readBlock(&at)
            if block.count == 0 { return at }
            let (least, overflow) = block.count.multipliedReportingOverflow(by: size)
            guard !overflow, least <= body.byteCount &- at else { throw DecodeError(.badBlockCount, at: opening) }
            if size == 0 {
                empties -= block.count
                guard empties >= 0 else { throw DecodeError(.tooManyEmptyItems, at: opening) }
            }
            for _ in 0..<block.count {
                at = try run(ops, start, body, at: at, depth: depth &+ 1, empties: &empties, into: &fields)
            }
            guard block.end < 0 || block.end == at else { throw DecodeError(.blockSizeMismatch, at: opening) }
        }
    }

    @inline(__always)
    private static func range(_ offset: Int, _ length: Int) -> FieldValue {
        FieldValue(
            kind: .bytes, offset: UInt32(truncatingIfNeeded: offset), length: UInt32(truncatingIfNeeded: length))
    }

    /// Reads a map of bytes or strings; the op at `pc` lists its keys.
    private func readBytesMap(
        _ ops: Span<Op>, _ pc: Int, _ body: RawSpan, at position: Int, into fields: inout MutableSpan<FieldValue>
    ) throws(DecodeError) -> Int {
        let keys = Int(ops[unchecked: pc].a)
        for entry in pc &+ 1..<pc &+ 1 &+ keys {
            fields[unchecked: Int(ops[unchecked: entry].slot)] = FieldValue(kind: .null)
        }
        var at = position
        while true {
            let opening = at
            let block = try body.readBlock(&at)
            if block.count == 0 { return at }
            guard body.holds(block.count, from: at) else { throw DecodeError(.badBlockCount, at: opening) }
            for _ in 0..<block.count {
                let keyLength = try body.readLength(&at)
                let entry = find(ops, pc, body, at, keyLength)
                at &+= keyLength
                let length = try body.readLength(&at)
                if entry >= 0 {
                    let op = ops[unchecked: entry]
                    if op.c == 1, !body.isUTF8(from: at, count: length) {
                        throw DecodeError(.invalidUTF8, at: at, op: entry)
                    }
                    fields[unchecked: Int(op.slot)] = DecodePlan.range(at, length)
                }
                at &+= length
            }
            guard block.end < 0 || block.end == at else { throw DecodeError(.blockSizeMismatch, at: opening) }
        }
    }

    /// The `key` op, among those after the op at `pc`, of the key that stands at `start`; -1 if there is none.
    @inline(__always)
    private func find(_ ops: Span<Op>, _ pc: Int, _ body: RawSpan, _ start: Int, _ length: Int) -> Int {
        let head = pc &+ 1
        let wanted = constants.span
        candidates: for candidate in head..<head &+ Int(ops[unchecked: pc].a) {
            let entry = ops[unchecked: candidate]
            guard Int(entry.b) == length else { continue }
            for index in 0..<length where body.byte(start &+ index) != wanted[unchecked: Int(entry.a) &+ index] {
                continue candidates
            }
            return candidate
        }
        return -1
    }
}

/// Numbers of the op at a place, each loaded where it is used: a copy of the op would take registers from the loop.
extension Span<Op> {
    @inline(__always) fileprivate func code(_ pc: Int) -> Op.Code { self[unchecked: pc].code }
    @inline(__always) fileprivate func slot(_ pc: Int) -> Int { Int(self[unchecked: pc].slot) }
    @inline(__always) fileprivate func a(_ pc: Int) -> Int { Int(self[unchecked: pc].a) }
    @inline(__always) fileprivate func b(_ pc: Int) -> Int { Int(self[unchecked: pc].b) }
}
