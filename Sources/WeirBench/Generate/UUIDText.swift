// UUIDs as text from seeded bits.

/// Version 4 UUIDs that a seed decides.
enum UUIDText {
    static let length = 36
    private static let digits = Array("0123456789abcdef".utf8)

    static func make(_ high: UInt64, _ low: UInt64) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(length)
        append(high & ~0xf000 | 0x4000, to: &text, firstHalf: true)
        append(low & ~(3 << 62) | 2 << 62, to: &text, firstHalf: false)
        return String(decoding: text, as: UTF8.self)
    }

    static func make(_ random: inout SeededRandom) -> String { make(random.next(), random.next()) }

    private static func append(_ bits: UInt64, to text: inout [UInt8], firstHalf: Bool) {
        var rest = bits
        for index in 0..<16 {
            if firstHalf ? index == 8 || index == 12 : index == 0 || index == 4 { text.append(45) }
            text.append(digits[Int(truncatingIfNeeded: rest >> 60)])
            rest <<= 4
        }
    }
}
