// The keyed 128-bit hash that stands for organisations, idempotency keys and unique members.

/// SipHash-2-4 with 128-bit output (Aumasson and Bernstein, "SipHash: a fast short-input PRF";
/// the 128-bit form is the reference implementation's `siphash(…, outlen = 16)`).
///
/// Keyed, because keys come from tenants: without the deployment's secret nobody can construct an
/// event that collides with another organisation's. For n remembered keys the probability of any
/// collision is below n²/2¹²⁹: 1.5·10⁻²¹ for a billion.
public struct Hash128: Sendable, Hashable {
    public var low: UInt64
    public var high: UInt64

    @inlinable
    public init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// Hash of `bytes` under this value as the key: cascades give one value per (organisation, key).
    public func hash(_ bytes: RawSpan) -> Hash128 {
        var v0 = low ^ 0x736f_6d65_7073_6575
        var v1 = high ^ 0x646f_7261_6e64_6f6d ^ 0xee
        var v2 = low ^ 0x6c79_6765_6e65_7261
        var v3 = high ^ 0x7465_6462_7974_6573

        @inline(__always)
        func round() {
            v0 &+= v1
            v1 = (v1 << 13 | v1 >> 51) ^ v0
            v0 = v0 << 32 | v0 >> 32
            v2 &+= v3
            v3 = (v3 << 16 | v3 >> 48) ^ v2
            v0 &+= v3
            v3 = (v3 << 21 | v3 >> 43) ^ v0
            v2 &+= v1
            v1 = (v1 << 17 | v1 >> 47) ^ v2
            v2 = v2 << 32 | v2 >> 32
        }

        let count = bytes.byteCount
        var position = 0
        while position &+ 8 <= count {
            let word = bytes.word(at: position)
            v3 ^= word
            round()
            round()
            v0 ^= word
            position &+= 8
        }
        let last = UInt64(truncatingIfNeeded: count) << 56 | bytes.partialWord(at: position)
        v3 ^= last
        round()
        round()
        v0 ^= last
        v2 ^= 0xee
        round()
        round()
        round()
        round()
        let first = v0 ^ v1 ^ v2 ^ v3
        v1 ^= 0xdd
        round()
        round()
        round()
        round()
        return Hash128(low: first, high: v0 ^ v1 ^ v2 ^ v3)
    }

    public func hash(_ text: String) -> Hash128 { hash(Array(text.utf8).span.bytes) }
}

extension RawSpan {
    /// Eight bytes, little endian. `position + 8` must not pass the end, which is not checked.
    @inline(__always)
    func word(at position: Int) -> UInt64 {
        UInt64(littleEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: position, as: UInt64.self))
    }

    /// The fewer than eight bytes from `position` to the end, little endian, zero above. Without a loop: loads overlap
    /// bytes before them, which are shifted out or the same.
    @inline(__always)
    func partialWord(at position: Int) -> UInt64 {
        let count = byteCount &- position
        if count == 0 { return 0 }
        let missing = UInt64(truncatingIfNeeded: 8 &- count) &* 8
        if position >= 8 &- count { return word(at: byteCount &- 8) &>> missing }
        if count >= 4 {
            let low = UInt32(littleEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: position, as: UInt32.self))
            let high = UInt32(
                littleEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: byteCount &- 4, as: UInt32.self))
            return UInt64(low) | UInt64(high) &<< (32 &- missing)
        }
        func byte(_ index: Int) -> UInt64 {
            UInt64(unsafeLoad(fromUncheckedByteOffset: position &+ index, as: UInt8.self))
        }
        return byte(0) | byte(count / 2) &<< UInt64(truncatingIfNeeded: count / 2 &* 8)
            | byte(count &- 1) &<< UInt64(truncatingIfNeeded: (count &- 1) &* 8)
    }

    /// Whether all bytes are of ASCII, and none is zero.
    @inline(__always)
    var isPlainASCII: Bool {
        // Of each byte the highest bit: set in the byte itself, or by the borrow of a zero byte.
        var found: UInt64 = 0
        var position = 0
        while position &+ 8 <= byteCount {
            let word = word(at: position)
            found |= word | (word &- 0x0101_0101_0101_0101)
            position &+= 8
        }
        let count = byteCount &- position
        // What is not there must not read as zero.
        let filler: UInt64 = count == 0 ? 0x0101_0101_0101_0101 : 0x0101_0101_0101_0101 &<< UInt64(count &* 8)
        let last = partialWord(at: position) | filler
        found |= last | (last &- 0x0101_0101_0101_0101)
        return found & 0x8080_8080_8080_8080 == 0
    }

    /// A fast 64-bit hash in the manner of wyhash. Payload fingerprints are stored: it must never change.
    @inline(__always)
    func quickHash(seed: UInt64) -> UInt64 {
        var hash = seed ^ UInt64(truncatingIfNeeded: byteCount) &* 0x9e37_79b9_7f4a_7c15
        var position = 0
        while position &+ 8 <= byteCount {
            hash = (hash ^ word(at: position)).foldedProduct(0xa076_1d64_78bd_642f)
            position &+= 8
        }
        return (hash ^ partialWord(at: position)).foldedProduct(0xe703_7ed1_a0b4_28db)
    }

    @inline(__always)
    func isEqual(to other: RawSpan) -> Bool {
        guard byteCount == other.byteCount else { return false }
        guard byteCount > 8 else {
            return byteCount == 8
                ? word(at: 0) == other.word(at: 0) : partialWord(at: 0) == other.partialWord(at: 0)
        }
        var position = 0
        while position &+ 8 < byteCount {
            if word(at: position) != other.word(at: position) { return false }
            position &+= 8
        }
        // Overlaps the word before it.
        return word(at: byteCount &- 8) == other.word(at: byteCount &- 8)
    }
}

extension UInt64 {
    /// Both halves of the 128-bit product, folded together: spreads every input bit over the result.
    @inline(__always)
    func foldedProduct(_ other: UInt64) -> UInt64 {
        let product = multipliedFullWidth(by: other)
        return product.high ^ product.low
    }
}
