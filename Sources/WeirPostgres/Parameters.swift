// Typed binary parameters of one statement, written straight into one buffer.

/// Values in PostgreSQL's binary format (`src/backend/utils/adt`, the `*recv` functions), in order `$1`, `$2`, ….
///
/// What writes arrays is inlinable: unspecialised, it took three quarters of the time in which a commit's rows are made.
public struct Parameters {
    @usableFromInline var bytes = ByteWriter()
    /// Where each parameter stands; a length of -1 is null.
    @usableFromInline var extents: [(offset: Int, length: Int)] = []
    @usableFromInline var types: [UInt32] = []

    public init() {}

    public mutating func removeAll() {
        bytes.removeAll()
        extents.removeAll(keepingCapacity: true)
        types.removeAll(keepingCapacity: true)
    }

    // MARK: Single values

    public mutating func add(_ value: String?) {
        guard let value else { return addNull(.text) }
        scalar(.text) { $0.put(value) }
    }

    public mutating func add(_ value: Int64?) {
        guard let value else { return addNull(.int8) }
        scalar(.int8) { $0.put(value) }
    }

    public mutating func add(_ value: Int32?) {
        guard let value else { return addNull(.int4) }
        scalar(.int4) { $0.put(value) }
    }

    public mutating func add(bytes value: [UInt8]?) {
        guard let value else { return addNull(.bytea) }
        value.withUnsafeBytes { add(raw: $0) }
    }

    public mutating func add(raw value: UnsafeRawBufferPointer) {
        scalar(.bytea) { $0.put(raw: value) }
    }

    /// - Parameter value: microseconds since 1970.
    public mutating func add(timestamp value: Int64?) {
        guard let value else { return addNull(.timestamptz) }
        scalar(.timestamptz) { $0.put(value - PostgresType.epoch) }
    }

    // MARK: Arrays

    /// Adds a one-dimensional array without nulls; `element` writes value number n through an `ElementWriter`.
    @inlinable
    public mutating func addArray(
        _ type: PostgresType, count: Int, _ element: (Int, inout ElementWriter) -> Void
    ) {
        addArray(type, of: 0..<count, element)
    }

    /// Adds a one-dimensional array with one element per item.
    @inlinable
    public mutating func addArray<Items: Collection>(
        _ type: PostgresType, of items: Items, _ element: (Items.Element, inout ElementWriter) -> Void
    ) {
        let start = bytes.count
        bytes.put(Int32(items.isEmpty ? 0 : 1))
        let hasNulls = bytes.count
        bytes.put(Int32(0))
        bytes.put(Int32(bitPattern: type.rawValue))
        if !items.isEmpty {
            bytes.put(Int32(items.count))
            bytes.put(Int32(1))
            var writer = ElementWriter(bytes: ByteWriter())
            swap(&writer.bytes, &bytes)
            for item in items {
                let lengthAt = writer.bytes.count
                writer.put(Int32(0))
                writer.isNull = false
                element(item, &writer)
                let length = writer.bytes.count - lengthAt - 4
                writer.bytes.set(writer.isNull ? -1 : Int32(truncatingIfNeeded: length), at: lengthAt)
                if writer.isNull { writer.bytes.set(Int32(1), at: hasNulls) }
            }
            swap(&writer.bytes, &bytes)
        }
        extents.append((start, bytes.count - start))
        types.append(type.array)
    }

    // MARK: -

    private mutating func scalar(_ type: PostgresType, _ write: (inout ByteWriter) -> Void) {
        let start = bytes.count
        write(&bytes)
        extents.append((start, bytes.count - start))
        types.append(type.rawValue)
    }

    private mutating func addNull(_ type: PostgresType) {
        extents.append((bytes.count, -1))
        types.append(type.rawValue)
    }
}

/// Writes one element of an array parameter.
public struct ElementWriter {
    @usableFromInline var bytes: ByteWriter
    @usableFromInline var isNull = false

    @usableFromInline init(bytes: ByteWriter) { self.bytes = bytes }

    @inlinable
    public mutating func put<Number: FixedWidthInteger>(_ value: Number) { bytes.put(value) }
    @inlinable
    public mutating func put(_ text: String) { bytes.put(text) }
    @inlinable
    public mutating func put(_ text: ArraySlice<UInt8>) { text.withUnsafeBytes { bytes.put(raw: $0) } }

    /// - Parameter microseconds: since 1970.
    @inlinable
    public mutating func put(timestamp microseconds: Int64) { put(microseconds - PostgresType.epoch) }

    @inlinable
    public mutating func putNull() { isNull = true }

    /// `unscaled / 10^scale` as numeric: base-10000 digits (PostgreSQL, `numeric_recv`).
    public mutating func put(numeric unscaled: Int128, scale: Int) {
        // Digits of four decimals must line up with the decimal point.
        let padding = (4 - scale % 4) % 4
        let fractionDigits = (scale + padding) / 4
        // 2^127 has 39 decimals.
        var digits = InlineArray<12, Int16>(repeating: 0)
        var count = 0
        func note<Number: FixedWidthInteger>(_ digit: Number) {
            digits[count] = Int16(digit)
            count += 1
        }
        var rest = unscaled.magnitude
        if padding > 0, rest > 0 {
            // The last digit is padded by itself: all of `rest` might not fit any more.
            let pad: UInt128 = padding == 1 ? 10 : padding == 2 ? 100 : 1000
            note(rest % (10_000 / pad) * pad)
            rest /= 10_000 / pad
        }
        while rest > UInt128(UInt64.max) {
            note(rest % 10_000)
            rest /= 10_000
        }
        // Divisions of 64 bits are instructions, those of 128 are calls.
        var small = UInt64(rest)
        while small > 0 {
            note(small % 10_000)
            small /= 10_000
        }
        put(Int16(count))
        put(Int16(count - fractionDigits - 1))
        put(UInt16(unscaled < 0 ? 0x4000 : 0))
        put(Int16(scale))
        for index in (0..<count).reversed() { put(digits[index]) }
    }
}

/// The types Weir sends, by their OIDs (`pg_type.dat`).
public enum PostgresType: UInt32, Sendable {
    case bytea = 17
    case int8 = 20
    case int4 = 23
    case text = 25
    case timestamptz = 1184
    case numeric = 1700
    case uuid = 2950

    /// 2000-01-01T00:00:00Z, PostgreSQL's zero, in microseconds since 1970.
    @usableFromInline static let epoch: Int64 = 946_684_800_000_000

    @usableFromInline var array: UInt32 {
        switch self {
        case .bytea: 1001
        case .int8: 1016
        case .int4: 1007
        case .text: 1009
        case .timestamptz: 1185
        case .numeric: 1231
        case .uuid: 2951
        }
    }
}
