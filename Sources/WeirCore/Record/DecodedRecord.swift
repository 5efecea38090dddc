// A record as the operators see it: borrowed bytes and the fields found in them.

/// Borrows one record's bytes for the time of one call.
public struct DecodedRecord: ~Escapable {
    /// The Avro body, without the frame.
    public let body: RawSpan
    /// Bytes that come from the schema: defaults and the names of enum symbols.
    public let constants: RawSpan
    public let fields: Span<FieldValue>
    public let offset: Int64

    @_lifetime(copy body, copy constants, copy fields)
    public init(body: RawSpan, constants: RawSpan, fields: Span<FieldValue>, offset: Int64) {
        self.body = body
        self.constants = constants
        self.fields = fields
        self.offset = offset
    }

    /// Bytes of a field of kind `.bytes`.
    @_lifetime(copy self)
    func bytes(_ index: Int) -> RawSpan {
        let field = fields[index]
        let from = Int(field.offset)
        let range = from..<(from &+ Int(field.length))
        return field.isConstant ? constants.extracting(range) : body.extracting(range)
    }

    /// Bytes of a field that was checked to be text.
    @_lifetime(copy self)
    @inline(__always)
    func text(_ index: Int) -> RawSpan { bytes(index) }

    /// A field's value for people; bytes that are not UTF-8 are mended.
    package func description(of index: Int) -> String {
        switch fields[index].kind {
        case .null: return ""
        case .integer: return String(fields[index].integer)
        case .bytes: return bytes(index).withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        }
    }

    func isEmptyText(_ index: Int) -> Bool { fields[index].kind == .bytes && fields[index].length == 0 }

    /// Whether the value may go into keys and indexes of PostgreSQL: no NUL, not too long.
    func isUsableText(_ index: Int) -> Bool {
        guard fields[index].kind == .bytes else { return true }
        let text = bytes(index)
        return text.byteCount <= MeterBatch.longestText && !text.containsZeroByte
    }

    /// Whether the value may also be shown as text: the decoder checks strings, but bytes and fixed hold anything.
    func isPrintableText(_ index: Int) -> Bool {
        isUsableText(index) && (fields[index].kind != .bytes || bytes(index).isUTF8)
    }

    /// A measure as a whole number of its unit; nil if it does not fit 64 bits.
    @inline(__always)
    func measure(_ index: Int) -> Int64? {
        let field = fields[index]
        return field.kind == .integer ? field.integer : unscaledDecimal(bytes(index))
    }

    /// Two's complement, big endian (Avro 1.11, "Decimal").
    @inline(never)
    private func unscaledDecimal(_ bytes: RawSpan) -> Int64? {
        guard bytes.byteCount > 0 else { return nil }
        var value: Int64 = bytes.unsafeLoad(fromByteOffset: 0, as: Int8.self) < 0 ? -1 : 0
        for index in 0..<bytes.byteCount {
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 256)
            guard !overflow else { return nil }
            value = shifted | Int64(bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self))
        }
        return value
    }

    /// The bytes that identify a value: its text, or its number as eight bytes.
    @_lifetime(copy self, &scratch)
    @inline(__always)
    func identity(_ index: Int, in scratch: inout [UInt8]) -> RawSpan {
        if fields[index].kind == .bytes { return bytes(index) }
        scratch.removeAll(keepingCapacity: true)
        scratch.append(fields[index].kind.rawValue)
        withUnsafeBytes(of: fields[index].integer.littleEndian) { scratch.append(contentsOf: $0) }
        return scratch.span.bytes
    }

    /// Appends a dimension as its row will show it: values that read alike share a row, and so a delta.
    func appendDimension(_ index: Int, to scratch: inout [UInt8]) {
        func put(_ text: RawSpan) {
            withUnsafeBytes(of: UInt32(text.byteCount).littleEndian) { scratch.append(contentsOf: $0) }
            text.withUnsafeBytes { scratch.append(contentsOf: $0) }
        }
        switch fields[index].kind {
        case .null: put(RawSpan())
        case .integer: put(Array(String(fields[index].integer).utf8).span.bytes)
        case .bytes: put(bytes(index))
        }
    }

    /// 64 bits that tell payloads apart, the named extents left out.
    func fingerprint(leavingOut ignored: [Int]) -> UInt64 {
        if ignored.isEmpty { return body.quickHash(seed: 0) }
        var hash: UInt64 = 0
        var position = 0
        // Fields stand in the order of the writer's schema, which need not be the order of the requests.
        while true {
            var next = body.byteCount
            var after = body.byteCount
            for index in ignored {
                let from = Int(fields[index].offset)
                // An extent of no bytes leaves nothing out, and would be found again for ever.
                if fields[index].kind == .bytes, !fields[index].isConstant, fields[index].length > 0,
                    from >= position, from < next
                {
                    next = from
                    after = from &+ Int(fields[index].length)
                }
            }
            hash = body.extracting(position..<next).quickHash(seed: hash)
            if next == body.byteCount { return hash }
            position = after
        }
    }
}

extension RawSpan {
    var containsZeroByte: Bool {
        for index in 0..<byteCount where unsafeLoad(fromByteOffset: index, as: UInt8.self) == 0 { return true }
        return false
    }

    var isUTF8: Bool {
        var bits: UInt8 = 0
        for index in 0..<byteCount { bits |= unsafeLoad(fromByteOffset: index, as: UInt8.self) }
        if bits < 0x80 { return true }
        return withUnsafeBytes { String(validating: $0, as: UTF8.self) != nil }
    }
}

/// Reads back what `DecodedRecord.appendDimension` wrote.
struct DimensionReader {
    private var bytes: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    mutating func next() -> String {
        let count = Int(bytes.prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) })
        let text = bytes.dropFirst(4).prefix(count)
        bytes = bytes.dropFirst(4 + count)
        return String(decoding: text, as: UTF8.self)
    }
}
