// Protocol Buffers, as much of writing them as OTLP needs: https://protobuf.dev/programming-guides/encoding/.

struct ProtobufWriter {
    private(set) var bytes: [UInt8] = []

    private enum Wire: UInt64 {
        case varint = 0
        case fixed64 = 1
        case delimited = 2
        case fixed32 = 5
    }

    private mutating func key(_ field: Int, _ wire: Wire) { varint(UInt64(field) << 3 | wire.rawValue) }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private mutating func append(littleEndian value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Of `int64`, `uint32` and enumerations. Fields with their default value are left out by their writers.
    mutating func put(_ field: Int, _ value: Int64) {
        key(field, .varint)
        varint(UInt64(bitPattern: value))
    }

    mutating func put(_ field: Int, _ value: Bool) { put(field, value ? 1 : 0 as Int64) }

    mutating func put(_ field: Int, fixed value: UInt64) {
        key(field, .fixed64)
        append(littleEndian: value)
    }

    mutating func put(_ field: Int, fixed value: UInt32) {
        key(field, .fixed32)
        append(littleEndian: value)
    }

    mutating func put(_ field: Int, _ value: Double) { put(field, fixed: value.bitPattern) }

    mutating func put(_ field: Int, _ text: String) {
        key(field, .delimited)
        varint(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    /// Packed, of `fixed64` and of `double` by their bits.
    mutating func put(_ field: Int, packed values: [UInt64]) {
        key(field, .delimited)
        varint(UInt64(values.count * 8))
        for value in values { append(littleEndian: value) }
    }

    /// `bytes` of an id.
    mutating func put(_ field: Int, bigEndian words: UInt64...) {
        key(field, .delimited)
        varint(UInt64(words.count * 8))
        for word in words { append(littleEndian: word.byteSwapped) }
    }

    /// A message in this one.
    mutating func put(_ field: Int, _ fill: (inout ProtobufWriter) -> Void) {
        var inner = ProtobufWriter()
        fill(&inner)
        key(field, .delimited)
        varint(UInt64(inner.bytes.count))
        bytes.append(contentsOf: inner.bytes)
    }
}
