// Container files: what is written is read, what is broken is named, and bombs do not go off.

import Foundation
import TestSupport
import Testing
import WeirAvro
import WeirCore

@Suite struct ContainerTests {
    /// A file's bytes, written in memory.
    static func file(
        _ schema: AvroSchema, _ values: [AvroValue], codec: Codec, blockSize: Int = 1 << 16,
        metadata: [String: [UInt8]] = [:]
    ) throws -> [UInt8] {
        let output = Box()
        let writer = try ContainerWriter(
            schema: schema, codec: codec, metadata: metadata, blockSize: blockSize, source: "memory"
        ) { output.bytes += $0 }
        for value in values { try writer.append(value) }
        try writer.flush()
        return output.bytes
    }

    final class Box { var bytes: [UInt8] = [] }

    /// Gives bytes in pieces of some size, from a list of parts that are made when they are needed.
    final class Pieces {
        private var pending: ArraySlice<UInt8> = []
        private let piece: Int
        private let nextPart: () -> [UInt8]?

        init(_ piece: Int, nextPart: @escaping () -> [UInt8]?) {
            self.piece = piece
            self.nextPart = nextPart
        }

        func read(_ count: Int) -> [UInt8] {
            if pending.isEmpty { pending = (nextPart() ?? [])[...] }
            let taken = Array(pending.prefix(min(count, piece)))
            pending = pending.dropFirst(taken.count)
            return taken
        }
    }

    /// A reader that gets its bytes `piece` by piece.
    static func reader(
        _ bytes: [UInt8], piece: Int = 7, reader: AvroSchema? = nil,
        limits: ContainerReader.Limits = ContainerReader.Limits()
    ) throws(ContainerError) -> ContainerReader {
        let parts = Box()
        parts.bytes = bytes
        let pieces = Pieces(piece) {
            defer { parts.bytes = [] }
            return parts.bytes
        }
        return try ContainerReader(source: "memory", reader: reader, limits: limits) { pieces.read($0) }
    }

    static func values(_ reader: ContainerReader) throws(ContainerError) -> [AvroValue] {
        var values: [AvroValue] = []
        while let value = try reader.next() { values.append(value) }
        return values
    }

    @Test(arguments: Codec.allCases)
    func whatIsWrittenIsRead(codec: Codec) throws {
        for seed in 1...40 as ClosedRange<UInt64> {
            var sample = Sample(seed: seed, evolves: true)
            var values: [AvroValue] = []
            for valueSeed in 0..<20 as Range<UInt64> {
                sample.valueSeed = valueSeed
                values.append(try sample.built().value)
            }
            let built = try sample.built()
            let bytes = try ContainerTests.file(
                built.schema, values, codec: codec, blockSize: Int(seed * 10), metadata: ["who": Array("weir".utf8)])
            let reader = try ContainerTests.reader(bytes, piece: Int(seed))
            #expect(reader.metadata["who"] == Array("weir".utf8))
            #expect(reader.codec == codec)
            #expect(reader.schema.canonicalForm == built.schema.canonicalForm)
            let back = try ContainerTests.values(reader)
            #expect(try back.map { try $0.bytes(built.schema) } == values.map { try $0.bytes(built.schema) })

            guard let decoder = try? ValueDecoder(writer: built.schema, reader: built.reader),
                let expected = try? values.map({ try decoder.value(of: $0.bytes(built.schema)) })
            else { continue }
            let resolved = try ContainerTests.values(ContainerTests.reader(bytes, reader: built.reader))
            #expect(try resolved.map { try $0.bytes(built.reader) } == expected.map { try $0.bytes(built.reader) })
        }
    }

    @Test(arguments: Codec.allCases)
    func everyTruncationIsNoticed(codec: Codec) throws {
        let text = try schema(#""string""#)
        let bytes = try ContainerTests.file(
            text, (0..<30).map { .string("number \($0)") }, codec: codec, blockSize: 100)
        let ends = Set(
            try (1...30).map { count in
                try ContainerTests.file(
                    text, (0..<count).map { .string("number \($0)") }, codec: codec, blockSize: 100
                ).count
            })
        var complete = 0
        for count in 0..<bytes.count {
            do {
                _ = try ContainerTests.values(ContainerTests.reader(Array(bytes[..<count]), piece: 64))
                complete += 1
                // A file may end after any block.
                #expect(ends.contains(count) || count < 200, "\(count) of \(bytes.count) bytes")
            } catch {
                #expect(error.description.hasPrefix("memory: "))
            }
        }
        #expect(complete <= 10)
    }

    @Test(arguments: Codec.allCases)
    func damageIsNoticedOrChangesValuesOnly(codec: Codec) throws {
        let text = try schema(#"{"type": "array", "items": ["null", "string", "long"]}"#)
        let value = AvroValue.array((0..<40).map { .union(1, .string("text \($0 % 7)")) })
        let bytes = try ContainerTests.file(text, [value, value, value], codec: codec, blockSize: 100)
        var random = SeededGenerator(seed: 5)
        for _ in 0..<2000 {
            var broken = bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                broken[Int.random(in: broken.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            _ = try? ContainerTests.values(ContainerTests.reader(broken, piece: 4096))
        }
        var flipped = bytes
        flipped[flipped.count - 3] ^= 1
        #expect(throws: ContainerError.self) { try ContainerTests.values(ContainerTests.reader(flipped)) }
    }

    @Test(arguments: Codec.allCases)
    func bombsAreRefused(codec: Codec) throws {
        let zeroes = try ContainerTests.file(
            try schema(#""bytes""#), [.bytes([UInt8](repeating: 0, count: 8 << 20))], codec: codec)
        if codec == .deflate || codec == .zstandard { #expect(zeroes.count < 20_000) }
        var limits = ContainerReader.Limits()
        limits.inflated = 1 << 20
        if codec == .null { limits.block = 1 << 20 }
        let reader = try ContainerTests.reader(zeroes, piece: 1 << 16, limits: limits)
        let error = #expect(throws: ContainerError.self) { try reader.next() }
        #expect(error?.description.contains("1048576") == true, "\(String(describing: error))")
    }

    @Test func mistakesAreNamed() throws {
        let number = try schema(#""int""#)
        let good = try ContainerTests.file(number, [.int(1)], codec: .null)
        func problem(_ bytes: [UInt8], reader: AvroSchema? = nil) -> String {
            do throws(ContainerError) {
                _ = try ContainerTests.values(ContainerTests.reader(bytes, reader: reader))
                return "none"
            } catch {
                return error.description
            }
        }
        func header(_ metadata: [(String, String)], _ rest: [UInt8] = []) -> [UInt8] {
            var writer = AvroWriter()
            writer.writeFixed(Array("Obj\u{1}".utf8))
            if !metadata.isEmpty { writer.writeBlockCount(metadata.count) }
            for (key, value) in metadata {
                writer.writeString(key)
                writer.writeString(value)
            }
            writer.writeBlockEnd()
            writer.writeFixed([UInt8](repeating: 7, count: 16))
            return writer.bytes + rest
        }
        let null = [("avro.schema", "\"null\"")]
        var million = AvroWriter()
        million.writeLong(1_000_000)
        #expect(problem([]) == "memory: header: the file ends too early")
        #expect(problem(Array("Obj\u{2}....".utf8)).contains("no Avro container file"))
        #expect(problem(header([])) == "memory: header: there is no avro.schema in its metadata")
        #expect(problem(header([("avro.schema", "\"nul\"")])).contains("expected a type, found \"nul\""))
        #expect(
            problem(header(null + [("avro.codec", "bzip2")]))
                == "memory: header: its codec is \"bzip2\"; Weir reads null, deflate, snappy, zstandard")
        #expect(problem(header(null)) == "none")
        #expect(
            problem(header(null, million.bytes + [0] + [UInt8](repeating: 7, count: 16))).contains("1000000 records"))
        #expect(problem(header(null, [1, 0] + [UInt8](repeating: 7, count: 16))).contains("claims -1 records"))
        #expect(problem(header(null, [2, 2, 0] + [UInt8](repeating: 7, count: 16))).contains("bytes follow"))
        #expect(problem(header(null, [2, 0] + [UInt8](repeating: 8, count: 16))).contains("block 0: no sync marker"))
        #expect(
            problem(header([("avro.schema", "\"string\"")], [4, 4, 2, 0x61] + [UInt8](repeating: 7, count: 16)))
                == "memory: block 0, record 1: at /: the body ends too early (byte 2 of the body)")
        #expect(problem(good, reader: try schema(#""string""#)).contains("not readable as string"))
        let record = try single(#"{"type": "array", "items": "string"}"#)
        let writer = try ContainerWriter(schema: record, source: "memory") { _ in }
        let error = #expect(throws: ContainerError.self) { try writer.append(.record([.array([.int(1)])])) }
        #expect(error?.description == "memory: block 0, record 0: at /f/0: expected string, found int")
        #expect(throws: ContainerError.self) {
            try ContainerTests.file(number, [], codec: .null, metadata: ["avro.codec": []])
        }
        #expect(throws: ContainerError.self) { try ContainerReader(path: "/nowhere/at.all") }
    }

    /// What a reader holds does not grow with the file.
    @Test func memoryIsThatOfABlock() throws {
        let text = try schema(#""bytes""#)
        let piece = try ContainerTests.file(
            text, [.bytes([UInt8](repeating: 1, count: 1 << 20))], codec: .deflate)
        let empty = try ContainerTests.file(text, [], codec: .deflate).count
        // The same block again and again, as a source that never ends would give it.
        let block = Array(piece[empty...])
        let sent = Counter()
        let pieces = Pieces(1 << 16) {
            sent.count += 1
            return sent.count == 1 ? Array(piece[..<empty]) : sent.count <= 1001 ? block : nil
        }
        let reader = try ContainerReader(source: "memory") { pieces.read($0) }
        let before = residentBytes()
        var records = 0
        while try reader.next() != nil { records += 1 }
        #expect(records == 1000)
        // Other suites live in the same process.
        #expect(residentBytes() - before < 512 << 20, "a gigabyte was read")
    }

    private final class Counter { var count = 0 }

    private func residentBytes() -> Int {
        let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
        return (fields?.dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
    }
}
