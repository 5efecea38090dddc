// Appends Avro's binary encoding to a buffer, one primitive at a time.

/// A growing buffer of Avro binary. Whoever calls keeps to the schema; nothing is checked here.
public struct AvroWriter: Sendable {
    public private(set) var bytes: [UInt8] = []

    public init() {}

    public init(reserving capacity: Int) { bytes.reserveCapacity(capacity) }

    public var count: Int { bytes.count }

    /// Empties the buffer and keeps its memory.
    public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    // MARK: Primitives

    public mutating func writeBoolean(_ value: Bool) { bytes.append(value ? 1 : 0) }

    public mutating func writeInt(_ value: Int32) { writeLong(Int64(value)) }

    public mutating func writeLong(_ value: Int64) {
        var rest = UInt64(bitPattern: (value << 1) ^ (value >> 63))
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    public mutating func writeFloat(_ value: Float) { writeLittleEndian(value.bitPattern) }

    public mutating func writeDouble(_ value: Double) { writeLittleEndian(value.bitPattern) }

    mutating func writeLittleEndian(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    public mutating func writeBytes(_ value: some Collection<UInt8>) {
        writeLong(Int64(value.count))
        bytes.append(contentsOf: value)
    }

    public mutating func writeString(_ value: String) {
        writeLong(Int64(value.utf8.count))
        bytes.append(contentsOf: value.utf8)
    }

    /// Writes a string that is at hand as UTF-8 already.
    public mutating func writeString(utf8: some Collection<UInt8>) { writeBytes(utf8) }

    /// Writes bytes with no length before them: a fixed, or something encoded before.
    public mutating func writeFixed(_ value: some Collection<UInt8>) { bytes.append(contentsOf: value) }

    public mutating func writeBigEndian(_ value: UInt32) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    // MARK: Structure

    public mutating func writeEnum(_ index: Int) { writeLong(Int64(index)) }

    public mutating func writeUnionIndex(_ index: Int) { writeLong(Int64(index)) }

    /// Opens a block of `count` items of an array or entries of a map; `count` must not be zero.
    public mutating func writeBlockCount(_ count: Int) {
        precondition(count > 0, "a block of no items would end the array")
        writeLong(Int64(count))
    }

    /// Ends an array or map.
    public mutating func writeBlockEnd() { bytes.append(0) }

    // MARK: Decimals

    /// Writes a decimal on `bytes`: its unscaled value in as few two's complement bytes as hold it.
    public mutating func writeDecimal(_ unscaled: Int128) {
        let size = AvroWriter.width(of: unscaled)
        writeLong(Int64(size))
        appendBigEndian(unscaled, size)
    }

    /// Writes a decimal on a `fixed` of `size` bytes, which must hold the value.
    public mutating func writeDecimal(_ unscaled: Int128, size: Int) {
        precondition(size >= AvroWriter.width(of: unscaled), "the decimal does not fit its fixed")
        appendBigEndian(unscaled, size)
    }

    private mutating func appendBigEndian(_ value: Int128, _ size: Int) {
        for index in (0..<size).reversed() {
            bytes.append(UInt8(truncatingIfNeeded: value >> Int128(min(index * 8, 127))))
        }
    }

    /// Bytes of the shortest two's complement form.
    private static func width(of value: Int128) -> Int {
        let magnitude = value < 0 ? ~value : value
        return (128 - magnitude.leadingZeroBitCount) / 8 + 1
    }
}
