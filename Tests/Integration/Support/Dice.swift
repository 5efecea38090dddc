// Randomness of tests that can be had again.

import Foundation

/// `$WEIR_TEST_SEED`, or another number each time; tests name it when they fail.
struct Dice: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init() {
        seed = ProcessInfo.processInfo.environment["WEIR_TEST_SEED"].flatMap { UInt64($0) } ?? .random(in: 0...999_999)
        state = seed
    }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
