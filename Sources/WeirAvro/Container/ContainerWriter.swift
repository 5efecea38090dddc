// Writing object container files.

import Foundation

/// Writes records to a container file, a block at a time.
public final class ContainerWriter {
    public let schema: AvroSchema
    private let codec: Codec
    private let source: String
    private let write: ([UInt8]) throws -> Void
    private let sync: [UInt8]
    private let blockSize: Int
    private var block = AvroWriter()
    private var records = 0
    private var blocks = 0

    /// Writes the header.
    ///
    /// - Parameters:
    ///   - metadata: further entries; keys that begin with `avro.` are the format's own.
    ///   - blockSize: a block is written when it has so many bytes, before compression.
    ///   - source: what errors call the file.
    public init(
        schema: AvroSchema, codec: Codec = .null, metadata: [String: [UInt8]] = [:], blockSize: Int = 1 << 16,
        source: String, write: @escaping ([UInt8]) throws -> Void
    ) throws(ContainerError) {
        self.schema = schema
        self.codec = codec
        self.source = source
        self.write = write
        self.blockSize = blockSize
        sync = (0..<ContainerFormat.syncSize).map { _ in UInt8.random(in: 0...255) }
        if let key = metadata.keys.first(where: { $0.hasPrefix(ContainerFormat.reserved) }) {
            throw ContainerError(source: source, place: "header", message: "the key \(key) is the format's own")
        }
        var entries = metadata
        entries[ContainerFormat.schemaKey] = Array(schema.text.utf8)
        entries[ContainerFormat.codecKey] = Array(codec.rawValue.utf8)
        var header = AvroWriter()
        header.writeFixed(ContainerFormat.magic)
        header.writeBlockCount(entries.count)
        for (key, value) in entries.sorted(by: { $0.key < $1.key }) {
            header.writeString(key)
            header.writeBytes(value)
        }
        header.writeBlockEnd()
        header.writeFixed(sync)
        try put(header.bytes)
    }

    /// Makes a file, or empties it.
    public convenience init(
        path: String, schema: AvroSchema, codec: Codec = .null, metadata: [String: [UInt8]] = [:],
        blockSize: Int = 1 << 16
    ) throws(ContainerError) {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { throw ContainerError(source: path, place: "header", message: "the file cannot be made") }
        try self.init(schema: schema, codec: codec, metadata: metadata, blockSize: blockSize, source: path) {
            try file.write(contentsOf: Data($0))
        }
    }

    public func append(_ value: AvroValue) throws(ContainerError) {
        var record = AvroWriter()
        do throws(EncodeError) {
            try value.encode(schema: schema, into: &record)
        } catch {
            throw ContainerError(source: source, place: "block \(blocks), record \(records)", message: "\(error)")
        }
        try append(encoded: record.bytes)
    }

    /// Appends a record that is encoded with the file's schema already; nothing of it is checked.
    public func append(encoded record: [UInt8]) throws(ContainerError) {
        block.writeFixed(record)
        records += 1
        // Records of no size are limited in number, by whoever reads.
        if block.count >= blockSize || records == DecodePlan.maximumEmptyItems { try flush() }
    }

    /// Writes the block that is open. The file is complete after it, and may go on.
    public func flush() throws(ContainerError) {
        guard records > 0 else { return }
        var output = AvroWriter()
        output.writeLong(Int64(records))
        do throws(CodecError) {
            output.writeBytes(try codec.compress(block.bytes))
        } catch {
            throw ContainerError(
                source: source, place: "block \(blocks)", message: "\(codec.rawValue): \(error.message)")
        }
        output.writeFixed(sync)
        try put(output.bytes)
        block.removeAll()
        records = 0
        blocks += 1
    }

    private func put(_ bytes: [UInt8]) throws(ContainerError) {
        do {
            try write(bytes)
        } catch {
            throw ContainerError(source: source, place: "block \(blocks)", message: "cannot be written: \(error)")
        }
    }
}
