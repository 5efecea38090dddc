// Avro's primitives read from borrowed bytes; every load stands behind the check that makes it safe.

extension RawSpan {
    /// A byte that the caller knows to be in range.
    @inline(__always)
    func byte(_ offset: Int) -> UInt8 { unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self) }

    /// A variable-length number of at most ten bytes, before zigzag.
    @inline(__always)
    func readVarint(_ at: inout Int) throws(DecodeError) -> UInt64 {
        let left = byteCount &- at
        guard left > 0 else { throw DecodeError(.truncated, at: at) }
        let first = byte(at)
        if first < 0x80 {
            at &+= 1
            return UInt64(first)
        }
        if left >= 8 {
            var word = UInt64(littleEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: at, as: UInt64.self))
            let stops = ~word & 0x8080_8080_8080_8080
            if stops != 0 {
                // Keep the bytes up to the first without a continuation bit, then close the gaps
                // those bits leave: pairs of bytes, of fourteen-bit and of twenty-eight-bit groups.
                word &= stops ^ (stops &- 1)
                word = (word & 0x007f_007f_007f_007f) | (word & 0x7f00_7f00_7f00_7f00) >> 1
                word = (word & 0x0000_3fff_0000_3fff) | (word & 0x3fff_0000_3fff_0000) >> 2
                at &+= (stops.trailingZeroBitCount &>> 3) &+ 1
                return (word & 0x0fff_ffff) | (word & 0x0fff_ffff_0000_0000) >> 4
            }
        }
        let (value, end) = try readLongVarint(from: at)
        at = end
        return value
    }

    /// Takes and returns the position by value, so that the caller's can stay in a register.
    @inline(never)
    private func readLongVarint(from start: Int) throws(DecodeError) -> (value: UInt64, end: Int) {
        var value: UInt64 = 0
        for index in 0..<10 {
            let at = start &+ index
            guard at < byteCount else { throw DecodeError(.truncated, at: at) }
            let next = UInt64(byte(at))
            if index == 9, next > 1 { throw DecodeError(.varintTooLong, at: start) }
            value |= (next & 0x7f) << UInt64(7 * index)
            if next < 0x80 { return (value, at &+ 1) }
        }
        throw DecodeError(.varintTooLong, at: start)
    }

    /// A number out of its zigzag form.
    @inline(__always)
    static func signed(_ raw: UInt64) -> Int64 { Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1) }

    /// A number out of its zigzag form if it is not negative; else one beyond every bound.
    @inline(__always)
    private static func natural(_ raw: UInt64) -> UInt64 { raw >> 1 | raw << 63 }

    /// A number that was read at `opening` as a length of what follows at `at`.
    @inline(__always)
    func length(_ raw: UInt64, _ opening: Int, _ at: Int) throws(DecodeError) -> Int {
        let length = RawSpan.natural(raw)
        guard length <= UInt64(truncatingIfNeeded: byteCount &- at) else {
            throw DecodeError(raw & 1 == 1 ? .negativeLength : .truncated, at: opening)
        }
        return Int(truncatingIfNeeded: length)
    }

    /// A number that was read at `opening` as the index of an enum's symbol or a union's branch.
    @inline(__always)
    func index(
        _ raw: UInt64, below count: Int, or code: DecodeError.Code, _ opening: Int
    ) throws(DecodeError) -> Int {
        let index = RawSpan.natural(raw)
        guard index < UInt64(truncatingIfNeeded: count) else { throw DecodeError(code, at: opening) }
        return Int(truncatingIfNeeded: index)
    }

    /// A number that was read at `opening` as an int.
    @inline(__always)
    func int(_ raw: UInt64, _ opening: Int) throws(DecodeError) -> Int64 {
        guard raw <= UInt64(UInt32.max) else { throw DecodeError(.intOutOfRange, at: opening) }
        return RawSpan.signed(raw)
    }

    @inline(__always)
    func readLong(_ at: inout Int) throws(DecodeError) -> Int64 { RawSpan.signed(try readVarint(&at)) }

    @inline(__always)
    func readInt(_ at: inout Int) throws(DecodeError) -> Int32 {
        let opening = at
        return Int32(truncatingIfNeeded: try int(try readVarint(&at), opening))
    }

    @inline(__always)
    func readBoolean(_ at: inout Int) throws(DecodeError) -> Bool {
        guard at < byteCount else { throw DecodeError(.truncated, at: at) }
        let value = byte(at)
        guard value < 2 else { throw DecodeError(.badBoolean, at: at) }
        at &+= 1
        return value == 1
    }

    /// A length that the rest of the body holds.
    @inline(__always)
    func readLength(_ at: inout Int) throws(DecodeError) -> Int {
        let opening = at
        let raw = try readVarint(&at)
        return try length(raw, opening, at)
    }

    @inline(__always)
    func skip(_ at: inout Int, _ size: Int) throws(DecodeError) {
        guard size <= byteCount &- at else { throw DecodeError(.truncated, at: at) }
        at &+= size
    }

    /// The index of an enum's symbol or a union's branch.
    @inline(__always)
    func readIndex(_ at: inout Int, below count: Int, or code: DecodeError.Code) throws(DecodeError) -> Int {
        let opening = at
        let raw = try readVarint(&at)
        return try index(raw, below: count, or: code, opening)
    }

    /// How many items the next block of an array or map has (0 ends it), and where it claims to end (-1: no claim).
    ///
    /// Items of any size are at least a byte, so a count beyond the bytes left is refused unless it
    /// is small enough to be of items of no size.
    @inline(__always)
    func readBlock(_ at: inout Int) throws(DecodeError) -> (count: Int, end: Int) {
        let start = at
        var count = try readLong(&at)
        var end = -1
        if count < 0 {
            guard count > Int64.min else { throw DecodeError(.badBlockCount, at: start) }
            count = -count
            end = try readLength(&at)
            end += at
        }
        guard count <= Int64(Swift.max(byteCount &- at, DecodePlan.maximumEmptyItems)) else {
            throw DecodeError(.badBlockCount, at: start)
        }
        return (Int(count), end)
    }

    /// Whether so many entries of a map of bytes or strings can follow: one is the two bytes of its lengths at least.
    @inline(__always)
    func holds(_ entries: Int, from at: Int) -> Bool { entries <= (byteCount &- at) / 2 }

    /// Walks over a map of bytes or strings; returns where it ends.
    @inline(never)
    func skipBytesMap(from position: Int) throws(DecodeError) -> Int {
        var at = position
        while true {
            let opening = at
            let block = try readBlock(&at)
            if block.count == 0 { return at }
            guard holds(block.count, from: at) else { throw DecodeError(.badBlockCount, at: opening) }
            for _ in 0..<block.count {
                at &+= try readLength(&at)
                at &+= try readLength(&at)
            }
            guard block.end < 0 || block.end == at else { throw DecodeError(.blockSizeMismatch, at: opening) }
        }
    }

    func readLittleEndian<Number: FixedWidthInteger & BitwiseCopyable>(_ at: inout Int) throws(DecodeError) -> Number {
        let start = at
        try skip(&at, MemoryLayout<Number>.size)
        return Number(littleEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: start, as: Number.self))
    }

    func readArray(_ at: inout Int, _ count: Int) throws(DecodeError) -> [UInt8] {
        let start = at
        try skip(&at, count)
        return extracting(start..<at).withUnsafeBytes { [UInt8]($0) }
    }

    /// True if the bytes are UTF-8; the caller knows them to be in range.
    ///
    /// Loads overlap, so that short text takes no loop: what lies twice in a load is looked at twice.
    @inline(__always)
    func isUTF8(from start: Int, count: Int) -> Bool {
        let end = start &+ count
        if count >= 16 {
            var seen = lanes(end &- 16)
            var at = start
            while end &- at > 16 {
                seen |= lanes(at)
                at &+= 16
            }
            return (seen.x | seen.y) & 0x8080_8080_8080_8080 == 0 || isWideUTF8(from: start, to: end)
        }
        if count >= 8 {
            return (word(start) | word(end &- 8)) & 0x8080_8080_8080_8080 == 0 || isWideUTF8(from: start, to: end)
        }
        var seen: UInt8 = 0
        for at in start..<end { seen |= byte(at) }
        return seen < 0x80 || isWideUTF8(from: start, to: end)
    }

    @inline(__always)
    private func word(_ offset: Int) -> UInt64 { unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self) }

    @inline(__always)
    private func lanes(_ offset: Int) -> SIMD2<UInt64> {
        unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: SIMD2<UInt64>.self)
    }

    @inline(never)
    private func isWideUTF8(from start: Int, to end: Int) -> Bool {
        let text = Span<UInt8>(_bytes: extracting(start..<end))
        return (try? UTF8Span(validating: text)) != nil
    }
}
