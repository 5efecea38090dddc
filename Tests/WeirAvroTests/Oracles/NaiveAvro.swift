// Avro binary written and read in the plainest way, from the specification, with nothing of ours but the schema's nodes.

import TestSupport
import WeirAvro

/// Reads one value byte by byte. No limits: for bodies that were made here.
struct NaiveReader {
    struct Broken: Error {}

    private var bytes: ArraySlice<UInt8>
    private let schema: AvroSchema

    /// The value that all of `body` is.
    static func value(of body: [UInt8], schema: AvroSchema) throws -> AvroValue {
        var reader = NaiveReader(bytes: body[...], schema: schema)
        let value = try reader.read(schema.root)
        guard reader.bytes.isEmpty else { throw Broken() }
        return value
    }

    private mutating func take(_ count: Int) throws -> [UInt8] {
        guard count >= 0, count <= bytes.count else { throw Broken() }
        defer { bytes = bytes.dropFirst(count) }
        return Array(bytes.prefix(count))
    }

    private mutating func long() throws -> Int64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            let byte = UInt64(try take(1)[0])
            if shift == 63, byte > 1 { throw Broken() }
            value |= (byte & 0x7f) << shift
            if byte < 0x80 { return value % 2 == 0 ? Int64(value / 2) : -Int64(value / 2) - 1 }
        }
        throw Broken()
    }

    private mutating func index(_ count: Int) throws -> Int {
        let index = try long()
        guard index >= 0, index < count else { throw Broken() }
        return Int(index)
    }

    private mutating func text() throws -> String {
        let count = try long()
        guard count <= bytes.count, let text = String(validating: try take(Int(count)), as: UTF8.self) else {
            throw Broken()
        }
        return text
    }

    private mutating func blocks(_ item: (inout NaiveReader) throws -> Void) throws {
        while true {
            let count = try long()
            if count == 0 { return }
            guard count > Int64.min, count.magnitude <= 100_000 else { throw Broken() }
            var after: Int?
            if count < 0 {
                let size = try long()
                guard size >= 0, size <= bytes.count else { throw Broken() }
                after = bytes.count - Int(size)
            }
            for _ in 0..<count.magnitude { try item(&self) }
            if let after, after != bytes.count { throw Broken() }
        }
    }

    private mutating func read(_ node: Int) throws -> AvroValue {
        switch schema[node].kind {
        case .null: return .null
        case .boolean:
            let byte = try take(1)[0]
            guard byte < 2 else { throw Broken() }
            return .boolean(byte == 1)
        case .int:
            guard let value = Int32(exactly: try long()) else { throw Broken() }
            return .int(value)
        case .long: return .long(try long())
        case .float: return .float(Float(bitPattern: try take(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }))
        case .double: return .double(Double(bitPattern: try take(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }))
        case .bytes:
            let count = try long()
            guard count <= bytes.count else { throw Broken() }
            return .bytes(try take(Int(count)))
        case .string: return .string(try text())
        case .fixed(let size): return .fixed(try take(size))
        case .enumeration(let symbols, _): return .enumeration(try index(symbols.count))
        case .record(let fields): return .record(try fields.map { try read($0.type) })
        case .array(let items):
            var values: [AvroValue] = []
            try blocks { values.append(try $0.read(items)) }
            return .array(values)
        case .map(let type):
            var entries: [AvroValue.Entry] = []
            try blocks { entries.append(AvroValue.Entry(try $0.text(), try $0.read(type))) }
            return .map(entries)
        case .union(let branches):
            let branch = try index(branches.count)
            return .union(branch, try read(branches[branch]))
        }
    }
}

/// Writes values with arrays and maps in blocks of random sizes, with and without the size in bytes.
struct NaiveWriter {
    private(set) var bytes: [UInt8] = []
    private var random: SeededGenerator
    private let schema: AvroSchema

    static func bytes(of value: AvroValue, schema: AvroSchema, seed: UInt64) -> [UInt8] {
        var writer = NaiveWriter(random: SeededGenerator(seed: seed), schema: schema)
        writer.write(value, schema.root)
        return writer.bytes
    }

    private init(random: SeededGenerator, schema: AvroSchema) {
        self.random = random
        self.schema = schema
    }

    private mutating func long(_ value: Int64) {
        var rest = value < 0 ? UInt64(-(value + 1)) * 2 + 1 : UInt64(value) * 2
        repeat {
            bytes.append(UInt8(rest % 128) + (rest >= 128 ? 128 : 0))
            rest /= 128
        } while rest > 0
    }

    private mutating func blob(_ blob: [UInt8]) {
        long(Int64(blob.count))
        bytes += blob
    }

    private mutating func blocks<Item>(_ items: [Item], _ write: (inout NaiveWriter, Item) -> Void) {
        var rest = items[...]
        while !rest.isEmpty {
            let block = rest.prefix(Int.random(in: 1...rest.count, using: &random))
            rest = rest.dropFirst(block.count)
            var inner = NaiveWriter(random: random, schema: schema)
            for item in block { write(&inner, item) }
            if Bool.random(using: &random) {
                long(Int64(block.count))
            } else {
                long(-Int64(block.count))
                long(Int64(inner.bytes.count))
            }
            bytes += inner.bytes
        }
        long(0)
    }

    private mutating func write(_ value: AvroValue, _ node: Int) {
        switch (value, schema[node].kind) {
        case (.null, _): break
        case (.boolean(let value), _): bytes.append(value ? 1 : 0)
        case (.int(let value), _): long(Int64(value))
        case (.long(let value), _): long(value)
        case (.float(let value), _): bytes += (0..<4).map { UInt8(value.bitPattern >> (8 * $0) & 0xff) }
        case (.double(let value), _): bytes += (0..<8).map { UInt8(value.bitPattern >> (8 * $0) & 0xff) }
        case (.bytes(let value), _): blob(value)
        case (.string(let value), _): blob(Array(value.utf8))
        case (.fixed(let value), _): bytes += value
        case (.enumeration(let index), _): long(Int64(index))
        case (.record(let values), .record(let fields)):
            for (value, field) in zip(values, fields) { write(value, field.type) }
        case (.array(let values), .array(let items)): blocks(values) { $0.write($1, items) }
        case (.map(let entries), .map(let type)):
            blocks(entries) {
                $0.blob(Array($1.key.utf8))
                $0.write($1.value, type)
            }
        case (.union(let branch, let inner), .union(let branches)):
            long(Int64(branch))
            write(inner, branches[branch])
        default: preconditionFailure("values here are made for their schema")
        }
    }
}
