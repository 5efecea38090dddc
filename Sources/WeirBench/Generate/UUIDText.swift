// UUIDs as text from seeded bits.

/// Version 4 UUIDs that a seed decides.
enum UUIDText {
    static let length = 36

    static func make(_ high: UInt64, _ low: UInt64) -> String {
        String(unsafeUninitializedCapacity: length) { text in
            var place = 0
            append(high & ~0xf000 | 0x4000, to: text, at: &place, firstHalf: true)
            append(low & ~(3 << 62) | 2 << 62, to: text, at: &place, firstHalf: false)
            return place
        }
    }

    static func make(_ random: inout SeededRandom) -> String { make(random.next(), random.next()) }

    private static func append(
        _ bits: UInt64, to text: UnsafeMutableBufferPointer<UInt8>, at place: inout Int, firstHalf: Bool
    ) {
        var rest = bits
        for index in 0..<16 {
            if firstHalf ? index == 8 || index == 12 : index == 0 || index == 4 {
                text[place] = 45
                place += 1
            }
            let digit = UInt8(truncatingIfNeeded: rest >> 60)
            text[place] = digit < 10 ? 48 + digit : 87 + digit
            place += 1
            rest <<= 4
        }
    }
}
