// What several suites need: files of the repository, and a seeded source of randomness.

import Foundation
import Testing

enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// Fails if the committed file differs from what the code generates. `WEIR_REGENERATE=1` writes it.
    static func expect(_ path: String, equals generated: String) throws {
        if ProcessInfo.processInfo.environment["WEIR_REGENERATE"] == "1" {
            try generated.write(to: root.appending(path: path), atomically: true, encoding: .utf8)
        }
        let isCurrent = try text(path) == generated
        #expect(isCurrent, "\(path) is stale: WEIR_REGENERATE=1 swift test -c release --filter WeirCoreTests")
    }
}

/// SplitMix64: the same numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
