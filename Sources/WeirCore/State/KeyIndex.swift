// The idempotency keys that one partition remembers, exactly: 24 bytes each, and 10 to 15 more to find them by.

internal import CPrefetch

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

/// An exact set of keys: the keys in the order in which they came, and a table of where they are.
///
/// The table is open addressing with linear probing over eight bytes a key: the first half of a slot is the first 32
/// bits of the hash, the second half the key's number. A new key is looked up in the table alone (another key with
/// these 32 bits is one in 2,000 among two million) and then written behind the last, so that it costs one cache
/// miss, in a table a third as large as the keys.
///
/// Slots follow the order of the hash (`prefix * capacity / 2^32`), so growing by half walks the table forwards,
/// touches no key, and the load may stay between 0.53 and 0.8. Keys are in blocks and never copied: while the table
/// grows, 15 bytes a key are held beside the usual 34 to 39.
public struct KeyIndex: ~Copyable, Sendable {
    public enum Finding: Equatable {
        case new
        /// Seen before with the same payload.
        case repeated
        /// Seen before with another payload.
        case conflict
    }

    /// Blocks of `blockKeys` keys, all full.
    private var full: [ContiguousArray<SeenKey>] = []
    private var newest: ContiguousArray<SeenKey> = []
    /// Upper half: the first 32 bits of the hash. Lower half: the key's number, from 1; 0 if the slot is free.
    private var slots: ContiguousArray<UInt64>
    public private(set) var count = 0

    /// 192 KiB.
    private static let blockShift = 13
    private static var blockKeys: Int { 1 << blockShift }

    public init(minimumCapacity: Int = 1024) {
        slots = ContiguousArray(repeating: 0, count: max(64, (minimumCapacity * 5 + 3) / 4))
    }

    /// Places in the table: what `count` may reach is four fifths of it.
    package var slotCount: Int { slots.count }

    public var capacityInBytes: Int {
        (full.count * Self.blockKeys + newest.capacity) * MemoryLayout<SeenKey>.stride
            + slots.count * MemoryLayout<UInt64>.stride
    }

    /// Has the processor fetch the place where the search for a key begins: `insert` costs a cache miss there, which
    /// takes as long as a few hundred instructions. A load would not do: behind one that waits, only so many
    /// instructions are begun.
    @inline(__always)
    func prefetch(_ key: Hash128) {
        let index = Self.home(of: key.high >> 32, in: slots.count)
        slots.withUnsafeBufferPointer { weir_prefetch($0.baseAddress! + index) }
    }

    package func contains(_ key: Hash128) -> Bool { find(key).seen != nil }

    /// Remembers the key unless it is known already.
    @inline(__always)
    public mutating func insert(_ seen: SeenKey) -> Finding {
        let place = find(seen.key)
        if let known = place.seen { return (known.mark ^ seen.mark) & ~0xff == 0 ? .repeated : .conflict }
        append(seen)
        slots[place.index] = seen.key.high & ~0xffff_ffff | UInt64(truncatingIfNeeded: count)
        if count &* 5 > slots.count &* 4 { resize(to: slots.count + slots.count / 2) }
        return .new
    }

    /// Makes room in the table for `additional` keys at once, and for some more, so that neither a restore nor the
    /// first record after it has to wait for the table to grow.
    public mutating func reserve(_ additional: Int) {
        let wanted = (count + additional) * 3 / 2
        if wanted > slots.count { resize(to: wanted) }
    }

    /// Forgets every key of the buckets and gives their memory back. One pass, however many buckets.
    public mutating func expire(buckets: [UInt8]) {
        guard !buckets.isEmpty else { return }
        var expires = [Bool](repeating: false, count: 256)
        for bucket in buckets { expires[Int(bucket)] = true }
        var blocks = full
        blocks.append(newest)
        let kept = blocks.reduce(0) { $0 + $1.count { !expires[Int($0.mark & 0xff)] } }
        guard kept < count else { return }
        self = KeyIndex(minimumCapacity: kept)
        for number in blocks.indices {
            for seen in blocks[number] where !expires[Int(seen.mark & 0xff)] { _ = insert(seen) }
            // Gone before more is taken: what is kept is not held twice.
            blocks[number] = []
        }
    }

    /// The key's slot, or the free one where it would be.
    @inline(__always)
    private func find(_ key: Hash128) -> (index: Int, seen: SeenKey?) {
        let prefix = key.high >> 32
        var index = Self.home(of: prefix, in: slots.count)
        var slot = slots[index]
        while slot != 0 {
            if slot >> 32 == prefix {
                let known = self.key(Int(truncatingIfNeeded: slot & 0xffff_ffff) &- 1)
                if known.key == key { return (index, known) }
            }
            index &+= 1
            if index == slots.count { index = 0 }
            slot = slots[index]
        }
        return (index, nil)
    }

    // MARK: Keys

    @inline(__always)
    private func key(_ number: Int) -> SeenKey {
        let block = number >> Self.blockShift
        let place = number & (Self.blockKeys &- 1)
        return block == full.count ? newest[place] : full[block][place]
    }

    @inline(__always)
    private mutating func append(_ seen: SeenKey) {
        if newest.count == Self.blockKeys {
            full.append(newest)
            newest = []
            newest.reserveCapacity(Self.blockKeys)
        }
        newest.append(seen)
        count &+= 1
    }

    // MARK: Table

    @inline(__always)
    private static func home(of prefix: UInt64, in capacity: Int) -> Int {
        Int(truncatingIfNeeded: (prefix &* UInt64(truncatingIfNeeded: capacity)) >> 32)
    }

    private mutating func resize(to capacity: Int) {
        precondition(capacity <= UInt32.max, "a partition's keys have 32-bit numbers: 3,400,000,000 are too many")
        var grown = ContiguousArray<UInt64>(repeating: 0, count: capacity)
        for slot in slots where slot != 0 {
            var index = Self.home(of: slot >> 32, in: capacity)
            while grown[index] != 0 {
                index &+= 1
                if index == capacity { index = 0 }
            }
            grown[index] = slot
        }
        slots = grown
    }
}
