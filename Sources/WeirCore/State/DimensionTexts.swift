// The values of a row's dimensions as one byte string, which the batch gives a number.

/// Each value but the last has its length before it, in four bytes, little endian; the last one goes to the end. So a
/// single text, the usual case, is its own form.
struct DimensionTexts {
    private var bytes: ArraySlice<UInt8>
    private var left: Int

    /// - Parameter count: values in it, as the meter's `group_by` has.
    init(_ bytes: ArraySlice<UInt8>, count: Int) {
        self.bytes = bytes
        left = count
    }

    /// UTF-8.
    mutating func next() -> ArraySlice<UInt8> {
        left -= 1
        guard left > 0 else { return bytes }
        let count = Int(bytes.prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) })
        bytes = bytes.dropFirst(4)
        defer { bytes = bytes.dropFirst(count) }
        return bytes.prefix(count)
    }

    /// - Parameter fields: of the record, as the meter's `group_by` has them.
    static func append(_ record: borrowing DecodedRecord, _ fields: [Int], to bytes: inout [UInt8]) {
        for number in fields.indices {
            let from = bytes.count
            if number < fields.count - 1 { append(length: 0, to: &bytes) }
            record.appendText(fields[number], to: &bytes)
            if number < fields.count - 1 { set(length: bytes.count - from - 4, at: from, in: &bytes) }
        }
    }

    /// With the last one's length, too: what hashes of members are made of. They are stored, so it must never change.
    consuming func forMembers() -> [UInt8] {
        var all: [UInt8] = []
        while left > 0 {
            let value = next()
            Self.append(length: value.count, to: &all)
            all += value
        }
        return all
    }

    private static func append(length: Int, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: length).littleEndian) { bytes.append(contentsOf: $0) }
    }

    private static func set(length: Int, at place: Int, in bytes: inout [UInt8]) {
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: length).littleEndian) { length in
            for index in 0..<4 { bytes[place + index] = length[index] }
        }
    }
}
