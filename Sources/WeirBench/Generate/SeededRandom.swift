// Randomness that is the same in every run with the same seed, on any machine.

/// SplitMix64. Ranges are taken with multiplication, not with the standard library, whose way of doing
/// it may change: a seed names the same records for good.
struct SeededRandom: Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return SeededRandom.mix(state)
    }

    /// Spreads `value` over all 64 bits, always the same way.
    static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A number from 0 up to `bound`, which it does not reach.
    mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "there is no number below zero to draw")
        return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    mutating func below(_ bound: Int64) -> Int64 { Int64(below(Int(bound))) }

    /// A number from 0 up to 1, which it does not reach.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    mutating func chance(_ share: Double) -> Bool { unit() < share }
}
