// Gives each distinct byte string of a batch a small number, so that text is hashed and compared once.

/// Byte strings kept end to end in one buffer and found by open addressing.
public struct ByteInterner: ~Copyable, Sendable {
    private struct Entry {
        var hash: UInt64
        var offset: Int
        var length: Int
    }

    private var bytes: [UInt8] = []
    private var entries: [Entry] = []
    /// Entry number + 1; 0 is free. The count is a power of two.
    private var table: [UInt32]
    private let seed: UInt64

    private static let leastCapacity = 128

    public init(seed: UInt64) {
        self.seed = seed
        table = Array(repeating: 0, count: 2 * Self.leastCapacity)
    }

    public var count: Int { entries.count }

    /// The string's number, and whether this call gave it out.
    public mutating func intern(_ text: RawSpan) -> (id: Int, isNew: Bool) {
        let hash = text.quickHash(seed: seed)
        var slot = Int(truncatingIfNeeded: hash) & (table.count &- 1)
        while table[slot] != 0 {
            let id = Int(table[slot]) &- 1
            let entry = entries[id]
            if entry.hash == hash,
                bytes.span.bytes.extracting(unchecked: entry.offset..<(entry.offset &+ entry.length)).isEqual(to: text)
            {
                return (id, false)
            }
            slot = (slot &+ 1) & (table.count &- 1)
        }
        let id = entries.count
        entries.append(Entry(hash: hash, offset: bytes.count, length: text.byteCount))
        text.withUnsafeBytes { bytes.append(contentsOf: $0) }
        table[slot] = UInt32(id + 1)
        if entries.count * 2 > table.count { grow() }
        return (id, true)
    }

    public func bytes(of id: Int) -> ArraySlice<UInt8> {
        let entry = entries[id]
        return bytes[entry.offset..<(entry.offset + entry.length)]
    }

    /// Strings that there is memory for.
    package var capacity: Int { table.count / 2 }

    /// Forgets all strings and keeps the memory, but neither that of a flood nor that of many more than there were now.
    public mutating func removeAll() {
        if capacity > 1 << 16 || capacity > Self.leastCapacity && entries.count < capacity / 16 {
            self = ByteInterner(seed: seed)
        } else if !entries.isEmpty {
            bytes.removeAll(keepingCapacity: true)
            entries.removeAll(keepingCapacity: true)
            for index in table.indices { table[index] = 0 }
        }
    }

    private mutating func grow() {
        table = Array(repeating: 0, count: table.count * 2)
        for (id, entry) in entries.enumerated() {
            var slot = Int(truncatingIfNeeded: entry.hash) & (table.count - 1)
            while table[slot] != 0 { slot = (slot + 1) & (table.count - 1) }
            table[slot] = UInt32(id + 1)
        }
    }
}
