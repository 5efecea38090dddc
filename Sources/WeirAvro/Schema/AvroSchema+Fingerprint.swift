// Fingerprints of schemas: CRC-64-AVRO, MD5 and SHA-256 of the Parsing Canonical Form.

import Foundation

extension AvroSchema {
    /// CRC-64-AVRO of the canonical form, which single-object encoding carries. Not safe against forgery.
    public var rabinFingerprint: UInt64 { Fingerprint.rabin(canonicalForm.utf8) }

    /// MD5 of the canonical form, 16 bytes. Not safe against forgery.
    public var md5Fingerprint: [UInt8] { Fingerprint.md5(Array(canonicalForm.utf8)) }

    /// SHA-256 of the canonical form, 32 bytes.
    public var sha256Fingerprint: [UInt8] { Fingerprint.sha256(Array(canonicalForm.utf8)) }
}

/// The three digests that the Avro specification names.
package enum Fingerprint {
    // MARK: CRC-64-AVRO (Avro 1.11, "Schema Fingerprints")

    /// The polynomial, and the digest of nothing.
    private static let empty: UInt64 = 0xc15d_213a_a4d7_a795

    private static let table: [UInt64] = (0..<256).map { index in
        var value = UInt64(index)
        for _ in 0..<8 { value = (value >> 1) ^ (empty & (0 &- (value & 1))) }
        return value
    }

    package static func rabin(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(empty) { ($0 >> 8) ^ table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
    }

    // MARK: MD5 (RFC 1321)

    private static let md5Shifts: [UInt32] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]

    private static let md5Constants: [UInt32] = (1...64).map { UInt32(abs(sin(Double($0))) * 4_294_967_296) }

    package static func md5(_ bytes: [UInt8]) -> [UInt8] {
        var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476]
        forEachBlock(of: bytes, lengthIsBigEndian: false) { block in
            let words = (0..<16).map { word in
                (0..<4).reduce(UInt32(0)) { $0 | UInt32(block[word * 4 + $1]) << UInt32(8 * $1) }
            }
            var (a, b, c, d) = (state[0], state[1], state[2], state[3])
            for step in 0..<64 {
                let mixed: UInt32
                let word: Int
                switch step / 16 {
                case 0: (mixed, word) = ((b & c) | (~b & d), step)
                case 1: (mixed, word) = ((d & b) | (~d & c), (5 * step + 1) % 16)
                case 2: (mixed, word) = (b ^ c ^ d, (3 * step + 5) % 16)
                default: (mixed, word) = (c ^ (b | ~d), (7 * step) % 16)
                }
                let sum = a &+ mixed &+ md5Constants[step] &+ words[word]
                let shift = md5Shifts[step / 16 * 4 + step % 4]
                (a, d, c, b) = (d, c, b, b &+ (sum << shift | sum >> (32 - shift)))
            }
            state = zip(state, [a, b, c, d]).map { $0 &+ $1 }
        }
        return state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(8 * $0)) } }
    }

    // MARK: SHA-256 (FIPS 180-4)

    private static let primes: [Int] = (2...311).filter { number in (2..<number).allSatisfy { number % $0 != 0 } }

    /// The first 32 bits after the point of a root of a prime.
    private static func fraction(_ root: Double) -> UInt32 { UInt32((root - root.rounded(.down)) * 4_294_967_296) }

    private static let sha256Constants: [UInt32] = primes.map { fraction(cbrt(Double($0))) }

    private static let sha256Start: [UInt32] = primes.prefix(8).map { fraction(Double($0).squareRoot()) }

    package static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        var state = sha256Start
        forEachBlock(of: bytes, lengthIsBigEndian: true) { block in
            var words = (0..<16).map { word in
                (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(block[word * 4 + $1]) }
            }
            for index in 16..<64 {
                let (near, far) = (words[index - 15], words[index - 2])
                let small = rotate(near, 7) ^ rotate(near, 18) ^ near >> 3
                let large = rotate(far, 17) ^ rotate(far, 19) ^ far >> 10
                words.append(words[index - 16] &+ small &+ words[index - 7] &+ large)
            }
            var row = state
            for step in 0..<64 {
                let (a, b, c, e) = (row[0], row[1], row[2], row[4])
                let choice = (e & row[5]) ^ (~e & row[6])
                let sum = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
                let first = row[7] &+ sum &+ choice &+ sha256Constants[step] &+ words[step]
                let second = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) &+ ((a & b) ^ (a & c) ^ (b & c))
                row = [first &+ second, a, b, c, row[3] &+ first, e, row[5], row[6]]
            }
            state = zip(state, row).map { $0 &+ $1 }
        }
        return state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(24 - 8 * $0)) } }
    }

    private static func rotate(_ value: UInt32, _ count: UInt32) -> UInt32 { value >> count | value << (32 - count) }

    /// Blocks of 64 bytes, with the padding that MD5 and SHA-256 share: 0x80, zeroes, and the length in bits.
    private static func forEachBlock(of bytes: [UInt8], lengthIsBigEndian: Bool, _ body: (ArraySlice<UInt8>) -> Void) {
        var padded = bytes + [0x80]
        padded.append(contentsOf: repeatElement(0, count: (120 - padded.count % 64) % 64))
        let bits = UInt64(bytes.count) * 8
        withUnsafeBytes(of: lengthIsBigEndian ? bits.bigEndian : bits.littleEndian) { padded.append(contentsOf: $0) }
        for start in stride(from: 0, to: padded.count, by: 64) {
            body(ArraySlice(Array(padded[start..<start + 64])))
        }
    }
}
