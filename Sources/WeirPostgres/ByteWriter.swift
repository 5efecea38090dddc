// A buffer that a commit's rows are written into.

/// Grows by itself and keeps its memory. Numbers are in network order.
///
/// An array with a cursor, because appending a few bytes to an array costs several times as much as storing them, and a
/// row has thirty such numbers.
@usableFromInline
struct ByteWriter {
    /// The first `count` are written.
    @usableFromInline var bytes: [UInt8] = []
    @usableFromInline var count = 0

    @usableFromInline init() {}

    @usableFromInline mutating func removeAll() { count = 0 }

    @inlinable
    mutating func put<Number: FixedWidthInteger>(_ value: Number) {
        let size = MemoryLayout<Number>.size
        makeRoom(size)
        set(value, at: count)
        count += size
    }

    /// Writes over what is there.
    @inlinable
    mutating func set<Number: FixedWidthInteger>(_ value: Number, at position: Int) {
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: value.bigEndian, toByteOffset: position, as: Number.self) }
    }

    @inlinable
    mutating func put(raw value: UnsafeRawBufferPointer) {
        makeRoom(value.count)
        let from = count
        bytes.withUnsafeMutableBytes { UnsafeMutableRawBufferPointer(rebasing: $0[from...]).copyMemory(from: value) }
        count += value.count
    }

    /// Its UTF-8.
    @inlinable
    mutating func put(_ text: String) {
        var text = text
        text.withUTF8 { put(raw: UnsafeRawBufferPointer($0)) }
    }

    @inlinable
    mutating func makeRoom(_ more: Int) {
        if count + more > bytes.count { grow(more) }
    }

    @usableFromInline @inline(never)
    mutating func grow(_ more: Int) {
        bytes.append(contentsOf: repeatElement(0, count: max(bytes.count, more, 4096)))
    }
}
