// The idempotency keys that one partition remembers, exactly, in 24 bytes each.

/// What is remembered of one event: its key, a fingerprint of its payload, and when it may be forgotten.
public struct SeenKey: Sendable, Equatable {
    public var key: Hash128
    /// Upper 56 bits: fingerprint of the payload. Lower 8: the retention bucket, modulo 256.
    public var mark: UInt64

    @inlinable
    public init(key: Hash128, fingerprint: UInt64, bucket: UInt8) {
        self.key = key
        mark = fingerprint & ~0xff | UInt64(bucket)
    }

    @inlinable
    public init(key: Hash128, mark: UInt64) {
        self.key = key
        self.mark = mark
    }
}

/// An exact set of keys by open addressing with linear probing.
///
/// Slots follow the order of the hash (`high * capacity / 2^64`), so growing by half walks memory
/// forwards and the load may stay between 0.53 and 0.8: 30 to 45 bytes a key, 24 of them the key itself.
public struct KeyIndex: ~Copyable, Sendable {
    public enum Finding: Equatable {
        case new
        /// Seen before with the same payload.
        case repeated
        /// Seen before with another payload.
        case conflict
    }

    private var slots: [SeenKey]
    public private(set) var count = 0

    private static var empty: SeenKey { SeenKey(key: Hash128(low: 0, high: 0), mark: 0) }

    public init(minimumCapacity: Int = 1024) {
        slots = Array(repeating: Self.empty, count: max(64, minimumCapacity * 5 / 4))
    }

    public var capacityInBytes: Int { slots.count * MemoryLayout<SeenKey>.stride }

    /// Remembers the key unless it is known already.
    public mutating func insert(_ seen: SeenKey) -> Finding {
        if count &* 5 >= slots.count &* 4 { resize(to: slots.count + slots.count / 2) }
        return Self.place(Self.storable(seen), in: &slots, count: &count)
    }

    /// Makes room for `additional` keys at once, so that a restore does not grow step by step.
    public mutating func reserve(_ additional: Int) {
        let wanted = (count + additional) * 5 / 4 + 1
        if wanted > slots.count { resize(to: wanted) }
    }

    /// Forgets every key of the buckets and gives their memory back. One pass, however many buckets.
    public mutating func expire(buckets: [UInt8]) {
        guard !buckets.isEmpty else { return }
        var expires = [Bool](repeating: false, count: 256)
        for bucket in buckets { expires[Int(bucket)] = true }
        var kept: [SeenKey] = []
        for slot in slots where slot != Self.empty && !expires[Int(slot.mark & 0xff)] { kept.append(slot) }
        self = KeyIndex(minimumCapacity: kept.count)
        for seen in kept { _ = insert(seen) }
    }

    /// An all-zero key marks a free slot; the one hash in 2^128 that equals it is moved by one.
    private static func storable(_ seen: SeenKey) -> SeenKey {
        guard seen.key.low == 0, seen.key.high == 0 else { return seen }
        return SeenKey(key: Hash128(low: 1, high: 0), mark: seen.mark)
    }

    @inline(__always)
    private static func place(_ seen: SeenKey, in slots: inout [SeenKey], count: inout Int) -> Finding {
        let capacity = slots.count
        var index = Int(seen.key.high.multipliedFullWidth(by: UInt64(capacity)).high)
        while true {
            let slot = slots[index]
            if slot.key.low == 0 && slot.key.high == 0 {
                slots[index] = seen
                count &+= 1
                return .new
            }
            if slot.key == seen.key { return (slot.mark ^ seen.mark) & ~0xff == 0 ? .repeated : .conflict }
            index &+= 1
            if index == capacity { index = 0 }
        }
    }

    private mutating func resize(to capacity: Int) {
        let old = slots
        slots = Array(repeating: Self.empty, count: capacity)
        count = 0
        for slot in old where slot.key.low != 0 || slot.key.high != 0 {
            _ = Self.place(slot, in: &slots, count: &count)
        }
    }
}
