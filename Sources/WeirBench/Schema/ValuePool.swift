// Values that are made once and written many times.

import WeirAvro

/// Values of one field to choose from; never empty.
struct ValuePool {
    private(set) var values: [PooledValue]

    /// - Parameters:
    ///   - name: the text of the value with a number, for types that hold text; unique by number.
    ///   - count: as many values as the type has room for, up to this.
    /// - Returns: nil if the type cannot hold such values.
    init?(_ type: LeafType, count: Int, seed: UInt64, name: (Int) -> String) {
        values = []
        for number in 0..<count {
            guard let value = ValuePool.make(type, number, count, seed, name) else { break }
            values.append(value)
        }
        if values.isEmpty { return nil }
    }

    private static func make(
        _ type: LeafType, _ number: Int, _ count: Int, _ seed: UInt64, _ name: (Int) -> String
    ) -> PooledValue? {
        var writer = AvroWriter()
        switch type {
        case .text: return text(name(number))
        case .uuid:
            var random = SeededRandom(seed: SeededRandom.mix(seed) &+ UInt64(number))
            return text(UUIDText.make(&random))
        case .fixed(let size):
            // The number at the end, in as many digits as there is room for.
            let digits = String(number + 1)
            guard digits.utf8.count <= size else { return nil }
            let text = String(repeating: "0", count: size - digits.utf8.count) + digits
            writer.writeFixed(Array(text.utf8))
            return PooledValue(encoded: writer.bytes, value: .text(text), bytes: Array(text.utf8))
        case .symbols(let symbols):
            guard number < symbols.count else { return nil }
            writer.writeEnum(number)
            return PooledValue(
                encoded: writer.bytes, value: .text(symbols[number]), bytes: Array(symbols[number].utf8))
        case .boolean:
            guard number < 2 else { return nil }
            writer.writeBoolean(number == 1)
            return PooledValue(encoded: writer.bytes, value: .number(Int128(number)), bytes: [])
        case .number(let limit):
            guard number < limit else { return nil }
            writer.writeLong(Int64(number))
            return PooledValue(encoded: writer.bytes, value: .number(Int128(number)), bytes: [])
        case .millis, .micros:
            let hours = Int64(number) * 3_600_000 + 1_700_000_000_000
            writer.writeLong(type == .millis ? hours : hours * 1000)
            return PooledValue(encoded: writer.bytes, value: .number(Int128(hours) * 1000), bytes: [])
        case .decimal: return nil
        }
    }

    private static func text(_ text: String) -> PooledValue {
        var writer = AvroWriter()
        writer.writeString(text)
        return PooledValue(encoded: writer.bytes, value: .text(text), bytes: Array(text.utf8))
    }
}
