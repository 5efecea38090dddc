// What an older tier of remembered keys would cost (docs/state.md): a sorted run, and a filter that says who is not in it.

import WeirCore

/// Keys in the order of their hash, found by interpolation.
///
/// The filter is a split block Bloom filter (Parquet's format, BloomFilter.md): a key's eight bits are in one block of
/// 32 bytes, so that a key that is new costs one cache miss. Twelve bits a key.
struct SortedRun {
    private let keys: ContiguousArray<SeenKey>
    private var blocks: ContiguousArray<SIMD8<UInt32>>

    static let bitsPerKey = 12

    init(_ unordered: ContiguousArray<SeenKey>) {
        keys = ContiguousArray(unordered.sorted { $0.key.high < $1.key.high })
        blocks = ContiguousArray(repeating: SIMD8(), count: max(1, keys.count * Self.bitsPerKey / 256))
        for seen in keys { blocks[block(of: seen.key)] |= Self.mask(of: seen.key) }
    }

    var filterBytes: Int { blocks.count * MemoryLayout<SIMD8<UInt32>>.stride }
    var keyBytes: Int { keys.count * MemoryLayout<SeenKey>.stride }

    @inline(__always)
    private func block(of key: Hash128) -> Int {
        Int(truncatingIfNeeded: key.low.multipliedFullWidth(by: UInt64(blocks.count)).high)
    }

    @inline(__always)
    private static func mask(of key: Hash128) -> SIMD8<UInt32> {
        let salt = SIMD8<UInt32>(
            0x47b6_137b, 0x4497_4d91, 0x8824_ad5b, 0xa2b7_289d, 0x7054_95c7, 0x2df1_424b, 0x9efc_4947, 0x5c6b_fb31)
        return SIMD8(repeating: 1) &<< ((SIMD8(repeating: UInt32(truncatingIfNeeded: key.low)) &* salt) &>> 27)
    }

    /// False if the key is certainly not in the run.
    @inline(__always)
    func mayContain(_ key: Hash128) -> Bool {
        let mask = Self.mask(of: key)
        return blocks[block(of: key)] & mask == mask
    }

    func find(_ key: Hash128) -> SeenKey? {
        var low = Int(truncatingIfNeeded: key.high.multipliedFullWidth(by: UInt64(keys.count)).high)
        // Hashes are spread evenly: the key is near where it would be if they were spread perfectly.
        var step = 64
        while low > 0, keys[low].key.high >= key.high {
            low = max(0, low - step)
            step *= 2
        }
        step = 64
        var high = low
        while high < keys.count, keys[high].key.high < key.high {
            low = high
            high = min(keys.count, high + step)
            step *= 2
        }
        while low < high {
            let middle = (low + high) / 2
            if keys[middle].key.high < key.high { low = middle + 1 } else { high = middle }
        }
        while low < keys.count, keys[low].key.high == key.high {
            if keys[low].key == key { return keys[low] }
            low += 1
        }
        return nil
    }
}

enum Tier {
    /// As many keys again that are not in the run; the note says how many had to be looked for.
    static func absent(_ count: Int) throws -> Benchmark.Pass {
        let keys = Keys.made(count * 2)
        let run = SortedRun(ContiguousArray(keys[..<count]))
        var passed = 0
        var found = 0
        let time = measured {
            for seen in keys[count...] where run.mayContain(seen.key) {
                passed += 1
                if run.find(seen.key) != nil { found += 1 }
            }
        }
        try expect(found == 0, "\(found) keys were found that are not there")
        try expect(passed * 50 < count, "the filter lets \(passed) of \(count) keys through")
        return Benchmark.Pass(
            records: count, time: time,
            note: "\(Double(passed) / Double(count) * 100) % pass the filter; "
                + "\(Double(run.filterBytes) / Double(count)) bytes a key of filter, \(run.keyBytes / count) of run")
    }

    /// Each key of the run, in the order in which they came.
    static func present(_ count: Int) throws -> Benchmark.Pass {
        let keys = Keys.made(count)
        let run = SortedRun(keys)
        var found = 0
        let time = measured {
            for seen in keys where run.mayContain(seen.key) && run.find(seen.key) == seen { found += 1 }
        }
        try expect(found == count, "\(found) of \(count) keys were found")
        return Benchmark.Pass(records: count, time: time)
    }
}
