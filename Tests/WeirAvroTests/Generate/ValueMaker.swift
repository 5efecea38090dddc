// Random values of a schema.

import TestSupport
import WeirAvro

/// Draws values; `size` bounds lengths and counts, and 0 gives the least there is.
struct ValueMaker {
    var random: SeededGenerator
    let schema: AvroSchema
    let size: Int

    mutating func value() -> AvroValue { value(schema.root, depth: 0) }

    private mutating func value(_ node: Int, depth: Int) -> AvroValue {
        switch schema[node].kind {
        case .null: return .null
        case .boolean: return .boolean(size > 0 && Bool.random(using: &random))
        case .int: return .int(int(schema[node].logical))
        case .long: return .long(long(schema[node].logical))
        case .float: return .float(size == 0 ? 0 : float())
        case .double: return .double(size == 0 ? 0 : Double(float()) * 1.1)
        case .bytes:
            if case .decimal = schema[node].logical { return .bytes(decimal()) }
            return .bytes(bytes(count(24)))
        case .string: return .string(string())
        case .fixed(let size): return .fixed(bytes(size))
        case .enumeration(let symbols, _):
            return .enumeration(size == 0 ? 0 : Int.random(in: symbols.indices, using: &random))
        case .record(let fields): return .record(fields.map { value($0.type, depth: depth + 1) })
        case .array(let items):
            return .array((0..<(depth > 8 ? 0 : count(3))).map { _ in value(items, depth: depth + 1) })
        case .map(let values):
            return .map(
                (0..<(depth > 8 ? 0 : count(3))).map { AvroValue.Entry("k\($0)", value(values, depth: depth + 1)) })
        case .union(let branches):
            var index = Int.random(in: branches.indices, using: &random)
            if depth > 8 {
                index = branches.firstIndex { isEnd($0) } ?? index
            }
            return .union(index, value(branches[index], depth: depth + 1))
        }
    }

    private func isEnd(_ node: Int) -> Bool {
        switch schema[node].kind {
        case .record, .union: false
        default: true
        }
    }

    private mutating func count(_ most: Int) -> Int {
        Int.random(in: 0...(most * min(size, 4) / 4), using: &random)
    }

    private mutating func number() -> Int64 {
        size == 0 ? 0 : Int64(bitPattern: random.next()) >> Int64.random(in: 0..<64, using: &random)
    }

    private mutating func int(_ logical: LogicalType?) -> Int32 {
        switch logical {
        // Dates and times of day that every calendar has.
        case .date: Int32(number() % 100_000)
        case .timeMillis: Int32(number().magnitude % 86_400_000)
        default: Int32(truncatingIfNeeded: number())
        }
    }

    private mutating func long(_ logical: LogicalType?) -> Int64 {
        switch logical {
        case .timeMicros: Int64(number().magnitude % 86_400_000_000)
        case .timestampMillis, .localTimestampMillis: number() % 4_000_000_000_000
        case .timestampMicros, .localTimestampMicros: number() % 4_000_000_000_000_000
        default: number()
        }
    }

    private mutating func float() -> Float {
        switch Int.random(in: 0..<20, using: &random) {
        case 0: .nan
        case 1: .infinity
        case 2: -0.0
        default: Float.random(in: -1e6...1e6, using: &random)
        }
    }

    private mutating func decimal() -> [UInt8] {
        var writer = AvroWriter()
        writer.writeDecimal(Int128(number()))
        return Array(writer.bytes.dropFirst())
    }

    private mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in size == 0 ? 0 : UInt8.random(in: 0...255, using: &random) }
    }

    private mutating func string() -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789-äß€𝄞")
        return String((0..<count(24)).map { _ in letters.randomElement(using: &random) ?? "?" })
    }
}
