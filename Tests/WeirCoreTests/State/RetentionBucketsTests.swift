// When remembered keys are forgotten: never early, and soon after their time.

import TestSupport
import Testing
import WeirCore

@Suite struct RetentionBucketsTests {
    private static let start: Int64 = 1_790_000_000_000_000
    static let retentions: [Int64] = [
        1, 1_000_000, 63_999_999, 64_000_000, 64_000_063, 3_600_000_000, 35 * 86_400_000_000,
    ]

    /// Latest that a key may still be remembered.
    private func latest(_ seenAt: Int64, _ retention: Int64) -> Int64 {
        seenAt + retention + retention / 32 + 2_000_000
    }

    /// The keys that a partition remembers, by the time they were seen at; expired by their tags alone.
    private struct Memory {
        var keys: [(seenAt: Int64, tag: UInt8)] = []

        mutating func expire(_ tags: [UInt8]) {
            guard !tags.isEmpty else { return }
            keys.removeAll { tags.contains($0.tag) }
        }
    }

    private func pause(_ retention: Int64, _ random: inout SeededGenerator) -> Int64 {
        let length = max(1_000_000, retention / 64)
        switch Int.random(in: 0..<20, using: &random) {
        case 0: return retention * 10
        case 1: return length * Int64.random(in: 180...270, using: &random)
        case 2: return length * 256
        case 3: return length * Int64.random(in: 0...70, using: &random)
        case 4: return Int64.random(in: 0...(retention * 4 + 4_000_000), using: &random)
        default: return Int64.random(in: 0...(retention / 20 + 500_000), using: &random)
        }
    }

    /// A worker forgets before it remembers: at the first record of a batch.
    @Test(arguments: retentions)
    func forgetsNeitherEarlyNorLate(retention: Int64) {
        var random = SeededGenerator(seed: UInt64(retention))
        var now = Self.start
        var buckets = RetentionBuckets(retention: TimeSpan(microseconds: retention), now: now)
        var memory = Memory()
        for _ in 0..<4000 {
            now += pause(retention, &random)
            let before = memory.keys
            memory.expire(buckets.expired(at: now))
            let kept = Set(memory.keys.map(\.seenAt))
            for key in before {
                if now < key.seenAt + retention { #expect(kept.contains(key.seenAt), "forgotten early") }
                if now > latest(key.seenAt, retention) { #expect(!kept.contains(key.seenAt), "still remembered") }
            }
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                memory.keys.append((now, buckets.tag(at: now)))
            }
        }
    }

    /// Keys that came in just before the call must survive it, however long nothing was called.
    @Test(arguments: retentions)
    func neverForgetsWhatWasJustSeen(retention: Int64) {
        let length = max(1_000_000, retention / 64)
        for buckets in 0...1100 {
            var retained = RetentionBuckets(retention: TimeSpan(microseconds: retention), now: Self.start)
            var memory = Memory()
            memory.keys.append((Self.start, retained.tag(at: Self.start)))
            let now = Self.start + Int64(buckets) * length
            memory.keys.append((now, retained.tag(at: now)))
            memory.expire(retained.expired(at: now))
            #expect(memory.keys.contains { $0.seenAt == now }, "after \(buckets) buckets")
        }
    }

    @Test(arguments: retentions)
    func forgetsEverythingAfterALongPause(retention: Int64) {
        let length = max(1_000_000, retention / 64)
        for wait in [retention * 10, retention * 1000, length * 256 + retention, length * 512 + retention] {
            var buckets = RetentionBuckets(retention: TimeSpan(microseconds: retention), now: Self.start)
            var index = KeyIndex()
            // A key in every bucket that can be live.
            var now = Self.start
            var number: UInt64 = 0
            while now <= Self.start + retention {
                number += 1
                let tag = buckets.tag(at: now)
                #expect(
                    index.insert(SeenKey(key: Hash128(low: number, high: number), fingerprint: 0, bucket: tag)) == .new)
                now += length
            }
            now = latest(now, retention) + wait
            index.expire(buckets: buckets.expired(at: now))
            #expect(index.count == 0, "waited \(wait)")
            #expect(buckets.expired(at: now).isEmpty)
        }
    }

    @Test(arguments: retentions)
    func tellsLiveBucketsApart(retention: Int64) {
        var random = SeededGenerator(seed: 31)
        let length = max(1_000_000, retention / 64)
        for _ in 0..<200 {
            let now = Self.start + Int64.random(in: 0...(retention * 3), using: &random)
            var buckets = RetentionBuckets(retention: TimeSpan(microseconds: retention), now: now)
            var starts: Set<Int64> = []
            var tags: Set<UInt8> = []
            #expect(buckets.expired(at: now).isEmpty)
            var time = buckets.horizon(at: now)
            while time <= now {
                starts.insert(buckets.start(of: time))
                tags.insert(buckets.tag(at: time))
                time += length
            }
            starts.insert(buckets.start(of: now))
            tags.insert(buckets.tag(at: now))
            #expect(starts.count == tags.count)
            #expect(tags.count <= 66)
        }
    }

    /// Stored rows carry the time of their commit; a later owner gives them tags by that time.
    @Test(arguments: retentions)
    func takesOverStoredRows(retention: Int64) {
        var random = SeededGenerator(seed: 32 + UInt64(retention))
        let span = TimeSpan(microseconds: retention)
        for _ in 0..<60 {
            var first = RetentionBuckets(retention: span, now: Self.start)
            var now = Self.start
            var rows: [(seenAt: Int64, key: Hash128)] = []
            for number in 0..<UInt64(40) {
                now += Int64.random(in: 0...(retention / 30 + 700_000), using: &random)
                _ = first.expired(at: now)
                rows.append((now, Hash128(low: number, high: number << 50)))
            }
            now += pause(retention, &random)
            var second = RetentionBuckets(retention: span, now: now)
            var index = KeyIndex()
            var expected: [Hash128: Int64] = [:]
            for row in rows where row.seenAt >= second.horizon(at: now) {
                let tag = second.tag(at: row.seenAt)
                #expect(tag == first.tag(at: row.seenAt))
                #expect(index.insert(SeenKey(key: row.key, fingerprint: 0, bucket: tag)) == .new)
                expected[row.key] = row.seenAt
            }
            for row in rows where expected[row.key] == nil { #expect(row.seenAt + retention <= now, "not taken over") }
            while !expected.isEmpty {
                now += Int64.random(in: 1...(retention / 10 + 500_000), using: &random)
                index.expire(buckets: second.expired(at: now))
                expected = expected.filter { now <= latest($0.value, retention) }
                for (key, seenAt) in expected where now < seenAt + retention {
                    #expect(
                        index.insert(SeenKey(key: key, fingerprint: 0, bucket: second.tag(at: seenAt))) == .repeated)
                }
            }
            index.expire(buckets: second.expired(at: now + retention + retention / 32 + 2_000_000))
            #expect(index.count == 0)
        }
    }

    @Test func survivesAClockSetBack() {
        let span = TimeSpan(microseconds: 64_000_000)
        var buckets = RetentionBuckets(retention: span, now: Self.start)
        #expect(buckets.expired(at: Self.start - 500_000_000).isEmpty)
        let tag = buckets.tag(at: Self.start - 10_000_000)
        #expect(!buckets.expired(at: Self.start).contains(tag))
        #expect(!buckets.expired(at: Self.start + 53_000_000).contains(tag))
        #expect(buckets.expired(at: Self.start + 56_000_000).contains(tag))
    }
}
