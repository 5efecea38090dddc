// The remembered keys by themselves.

import WeirCore

enum Keys {
    /// Keys that stand for nothing, the same in every run: Weyl's sequence through a mixer (splitmix64).
    static func made(_ count: Int) -> ContiguousArray<SeenKey> {
        var state: UInt64 = 1
        func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var word = state
            word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
            word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
            return word ^ word >> 31
        }
        return ContiguousArray(
            (0..<count).map { _ in
                SeenKey(key: Hash128(low: next(), high: next()), fingerprint: next(), bucket: 0)
            })
    }

    /// Into an index that begins empty and grows.
    static func insertNew(_ count: Int) throws -> Benchmark.Pass {
        let keys = made(count)
        var index = KeyIndex(minimumCapacity: 64)
        let time = measured { for key in keys { _ = index.insert(key) } }
        try expect(index.count == count, "\(index.count) of \(count) keys are in the index")
        return Benchmark.Pass(records: count, time: time)
    }

    /// Each key once more, in the order in which they came.
    static func insertRepeated(_ count: Int) throws -> Benchmark.Pass {
        let keys = made(count)
        var index = KeyIndex(minimumCapacity: 64)
        for key in keys { _ = index.insert(key) }
        var repeats = 0
        let time = measured { for key in keys where index.insert(key) == .repeated { repeats += 1 } }
        try expect(repeats == count, "\(repeats) of \(count) keys were known")
        return Benchmark.Pass(records: count, time: time)
    }

    /// From rows of weir.seen, into an index that knows how many will come.
    static func restore(_ count: Int) throws -> Benchmark.Pass {
        var rows: [[UInt8]] = []
        var left = made(count)[...]
        while !left.isEmpty {
            SeenKeys.store(ContiguousArray(left.prefix(4096))) { rows.append(Array($0)) }
            left = left.dropFirst(4096)
        }
        var index = KeyIndex(minimumCapacity: 64)
        var complete = true
        let time = measured {
            index.reserve(count)
            for row in rows where !SeenKeys.restore(row.span.bytes, bucket: 1, into: &index) { complete = false }
        }
        try expect(complete && index.count == count, "\(index.count) of \(count) keys were restored")
        return Benchmark.Pass(records: count, time: time)
    }
}
