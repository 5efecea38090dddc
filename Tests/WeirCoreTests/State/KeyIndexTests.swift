// The remembered keys against a dictionary.

import TestSupport
import Testing
import WeirCore

@Suite struct KeyIndexTests {
    private struct Model {
        var marks: [Hash128: UInt64] = [:]

        mutating func insert(_ seen: SeenKey) -> KeyIndex.Finding {
            if let mark = marks[seen.key] { return mark >> 8 == seen.mark >> 8 ? .repeated : .conflict }
            marks[seen.key] = seen.mark
            return .new
        }

        mutating func expire(bucket: UInt8) { marks = marks.filter { UInt8($0.value & 0xff) != bucket } }
    }

    enum Keys: CaseIterable {
        case spread, clustered, highest, lowest

        func make(_ random: inout SeededGenerator) -> Hash128 {
            let low = UInt64.random(in: 1...40, using: &random)
            switch self {
            case .spread: return Hash128(low: low, high: UInt64.random(in: 0..<400, using: &random) << 55)
            // All of them hash to a few neighbouring slots.
            case .clustered: return Hash128(low: low, high: 1 << 63 | UInt64.random(in: 0..<200, using: &random))
            // Probes run over the end to the first slots.
            case .highest: return Hash128(low: low, high: UInt64.max - UInt64.random(in: 0..<200, using: &random))
            case .lowest: return Hash128(low: low, high: UInt64.random(in: 0..<200, using: &random))
            }
        }
    }

    @Test(arguments: Keys.allCases)
    func agreesWithADictionary(keys: Keys) {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<4 {
            var index = KeyIndex(minimumCapacity: 1)
            var model = Model()
            for _ in 0..<6000 {
                switch Int.random(in: 0..<1000, using: &random) {
                case 0..<3:
                    let bucket = UInt8.random(in: 0..<6, using: &random)
                    index.expire(buckets: [bucket])
                    model.expire(bucket: bucket)
                case 3..<6: index.reserve(Int.random(in: 0..<500, using: &random))
                default:
                    let seen = SeenKey(
                        key: keys.make(&random), fingerprint: UInt64.random(in: 0..<3, using: &random) << 8,
                        bucket: UInt8.random(in: 0..<6, using: &random))
                    #expect(index.insert(seen) == model.insert(seen))
                }
                #expect(index.count == model.marks.count)
            }
        }
    }

    @Test func keepsEveryKeyWhileItGrows() {
        var random = SeededGenerator(seed: 12)
        var index = KeyIndex(minimumCapacity: 1)
        let keys = (0..<20_000).map { _ in Hash128(low: random.next(), high: random.next()) }
        for (number, key) in keys.enumerated() {
            #expect(index.insert(SeenKey(key: key, fingerprint: 256, bucket: 0)) == .new)
            if number % 997 == 0 {
                for old in keys[...number] {
                    #expect(index.insert(SeenKey(key: old, fingerprint: 256, bucket: 9)) == .repeated)
                }
            }
        }
        #expect(index.count == keys.count)
    }

    @Test func startsAtEveryCapacity() {
        for capacity in 0...300 {
            var index = KeyIndex(minimumCapacity: capacity)
            let room = index.slotCount
            for number in 0..<capacity {
                #expect(index.insert(SeenKey(key: Hash128(low: 1, high: UInt64(number)), mark: 0)) == .new)
            }
            #expect(index.slotCount == room, "the table for \(capacity) had to grow")
        }
    }

    @Test func remembersTheZeroKey() {
        let zero = Hash128(low: 0, high: 0)
        var index = KeyIndex()
        #expect(index.insert(SeenKey(key: zero, fingerprint: 256, bucket: 1)) == .new)
        #expect(index.insert(SeenKey(key: zero, fingerprint: 256, bucket: 2)) == .repeated)
        #expect(index.insert(SeenKey(key: zero, fingerprint: 512, bucket: 1)) == .conflict)
        #expect(index.count == 1)
        index.expire(buckets: [1])
        #expect(index.count == 0)
        #expect(index.insert(SeenKey(key: zero, mark: 0)) == .new)
        index.reserve(1000)
        #expect(index.insert(SeenKey(key: zero, mark: 0)) == .repeated)
    }

    @Test func comparesFiftySixBitsOfTheFingerprint() {
        var index = KeyIndex()
        let key = Hash128(low: 5, high: 6)
        #expect(index.insert(SeenKey(key: key, fingerprint: 0xab00, bucket: 3)) == .new)
        #expect(index.insert(SeenKey(key: key, fingerprint: 0xabff, bucket: 77)) == .repeated)
        for bit in 8..<64 {
            let other = SeenKey(key: key, fingerprint: 0xab00 ^ (1 << UInt64(bit)), bucket: 3)
            #expect(index.insert(other) == .conflict)
        }
        // Neither a repeat nor a conflict changes what is remembered.
        #expect(index.insert(SeenKey(key: key, fingerprint: 0xab00, bucket: 3)) == .repeated)
        index.expire(buckets: [77])
        #expect(index.count == 1)
    }

    @Test func staysWithinFortyBytesAKey() {
        var random = SeededGenerator(seed: 13)
        var index = KeyIndex()
        // Beside what keys take, one block that is not full: 192 KiB.
        func bytes(_ index: borrowing KeyIndex) -> Double {
            Double(index.capacityInBytes - 8192 * 24) / Double(index.count)
        }
        var most = 0.0
        for number in 1...200_000 {
            _ = index.insert(SeenKey(key: Hash128(low: random.next(), high: random.next()), mark: UInt64(number % 4)))
            if number >= 10_000 { most = max(most, bytes(index)) }
        }
        #expect(most <= 40)
        // What expires gives its memory back.
        index.expire(buckets: [0, 1])
        #expect(index.count == 100_000)
        #expect(bytes(index) <= 40)
        // A restore knows how many come; the record after it finds room, too.
        index.reserve(100_000)
        #expect(bytes(index) <= 24 + 24)
        for _ in 0..<100_000 {
            _ = index.insert(SeenKey(key: Hash128(low: random.next(), high: random.next()), mark: 2))
        }
        let room = index.slotCount
        for _ in 0..<1000 { _ = index.insert(SeenKey(key: Hash128(low: random.next(), high: random.next()), mark: 2)) }
        #expect(index.slotCount == room, "the table had to grow after a restore")
    }

    /// Blocks of 8,192 keys: full ones, one that is not, one that is just full.
    @Test(arguments: [8191, 8192, 8193, 16_384, 30_000])
    func agreesWithADictionaryBeyondABlock(keys: Int) {
        var random = SeededGenerator(seed: UInt64(keys))
        var index = KeyIndex(minimumCapacity: 1)
        var model = Model()
        for round in 0..<6 {
            while model.marks.count < keys {
                let seen = SeenKey(
                    // A few thousand prefixes: many keys differ in what the table does not hold.
                    key: Hash128(low: UInt64.random(in: 0..<64, using: &random), high: random.next() & 0xfff << 52),
                    fingerprint: UInt64.random(in: 0..<2, using: &random) << 8,
                    bucket: UInt8.random(in: 0..<8, using: &random))
                #expect(index.insert(seen) == model.insert(seen))
            }
            #expect(index.count == keys)
            // Of several buckets, of one, of one that is empty by now.
            let expired: [UInt8] = [[0, 1, 2], [5], [5], [], [3, 7], [0, 1, 2, 3, 4, 5, 6, 7]][round]
            index.expire(buckets: expired)
            for bucket in expired { model.expire(bucket: bucket) }
            #expect(index.count == model.marks.count)
            for (key, mark) in model.marks { #expect(index.insert(SeenKey(key: key, mark: mark)) == .repeated) }
        }
        #expect(index.count == 0)
    }

    /// Keys are looked up in groups before they go in: equal ones in one group, neighbours, and a table that grows.
    @Test func restoresGroupsAsIfOneByOne() {
        var random = SeededGenerator(seed: 15)
        for count in [1, 15, 16, 17, 400, 5000] {
            let keys = ContiguousArray(
                (0..<count).map { _ in
                    SeenKey(
                        key: Hash128(
                            low: .random(in: 0..<4, using: &random), high: .random(in: 0..<64, using: &random) << 50),
                        fingerprint: .random(in: 0..<2, using: &random) << 8, bucket: 0)
                })
            var stored: [UInt8] = []
            SeenKeys.store(keys) { stored = Array($0) }
            for room in [1, count] {
                var index = KeyIndex(minimumCapacity: room)
                var model = Model()
                let complete = SeenKeys.restore(stored.span.bytes, bucket: 3, into: &index)
                #expect(complete)
                for seen in keys { _ = model.insert(SeenKey(key: seen.key, fingerprint: seen.mark, bucket: 3)) }
                #expect(index.count == model.marks.count)
                for (key, mark) in model.marks { #expect(index.insert(SeenKey(key: key, mark: mark)) == .repeated) }
            }
        }
    }

    @Test func readsBackWhatItStored() {
        var random = SeededGenerator(seed: 14)
        var keys: ContiguousArray<SeenKey> = []
        for _ in 0..<500 {
            keys.append(
                SeenKey(
                    key: Hash128(low: random.next(), high: random.next()), fingerprint: random.next(),
                    bucket: UInt8.random(in: 0...255, using: &random)))
        }
        var stored: [UInt8] = []
        SeenKeys.store(keys) { stored = Array($0) }
        #expect(stored.count == keys.count * SeenKeys.stride)

        var index = KeyIndex(minimumCapacity: 1)
        let complete = SeenKeys.restore(stored.span.bytes, bucket: 200, into: &index)
        #expect(complete)
        #expect(index.count == keys.count)
        for seen in keys { #expect(index.insert(seen) == .repeated) }
        // The tag of the row counts, not what the key carried when it was stored.
        index.expire(buckets: [200])
        #expect(index.count == 0)

        for cut in 1..<SeenKeys.stride {
            let complete = SeenKeys.restore(
                stored.span.bytes.extracting(0..<(stored.count - cut)), bucket: 1, into: &index)
            #expect(!complete)
        }
    }
}
