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
    @inline(__always)
    func bytes(_ index: Int) -> RawSpan {
        let field = fields[index]
        let from = Int(field.offset)
        let range = from..<(from &+ Int(field.length))
        return field.isConstant ? constants.extracting(range) : body.extracting(range)
    }

    /// Bytes of a field that was checked to be text.
    @_lifetime(copy self)
    @inline(__always)
    package func text(_ index: Int) -> RawSpan { bytes(index) }

    /// A field's value for people and text columns; bytes that are not UTF-8 are mended, zero bytes as well.
    package func description(of index: Int) -> String {
        switch fields[index].kind {
        case .null: return ""
        case .integer: return String(fields[index].integer)
        case .bytes:
            let mended = bytes(index).withUnsafeBytes { Array($0) }.map { $0 == 0 ? 0xff : $0 }
            return String(decoding: mended, as: UTF8.self)
        }
    }

    /// Null, or text of no length.
    @inline(__always)
    func isAbsent(_ index: Int) -> Bool {
        fields[index].kind == .null || (fields[index].kind == .bytes && fields[index].length == 0)
    }

    /// Whether the value may go into text columns of PostgreSQL: UTF-8 without a zero byte. The decoder checks
    /// strings, but bytes and fixed hold anything.
    @inline(__always)
    func isStorableText(_ index: Int) -> Bool {
        fields[index].kind != .bytes || bytes(index).isPlainASCII || bytes(index).isUTF8WithoutZero
    }

    /// Bytes of text or raw bytes; 0 for anything else.
    @inline(__always)
    func length(_ index: Int) -> Int { fields[index].kind == .bytes ? Int(fields[index].length) : 0 }

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
        withUnsafeBytes(of: fields[index].integer.littleEndian) { scratch.append(contentsOf: $0) }
        return scratch.span.bytes
    }

    /// Appends the value's text form. Null is the empty text: both become the same row, so they must be the same group.
    func appendText(_ index: Int, to scratch: inout [UInt8]) {
        switch fields[index].kind {
        case .null: break
        case .integer: scratch.append(contentsOf: String(fields[index].integer).utf8)
        case .bytes: bytes(index).withUnsafeBytes { scratch.append(contentsOf: $0) }
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
                let isInside = fields[index].kind == .bytes && !fields[index].isConstant && fields[index].length > 0
                if isInside, from >= position, from < next {
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
    /// For what `isPlainASCII` does not settle.
    @inline(never)
    fileprivate var isUTF8WithoutZero: Bool {
        withUnsafeBytes { !$0.contains(0) && String(validating: $0, as: UTF8.self) != nil }
    }
}
