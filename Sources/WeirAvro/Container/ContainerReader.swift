// Reading object container files, one record after another, in bounded memory.

import Foundation

/// Reads the records of a container file in order.
///
/// Holds one block at a time: its compressed bytes, and what they decompress to, each up to a limit. Every block must
/// end with the file's sync marker and hold exactly its records.
public final class ContainerReader {
    /// What a file may ask for at the most, in bytes.
    public struct Limits: Sendable {
        /// Metadata with the schema.
        public var header = 8 << 20
        /// A block as it is in the file.
        public var block = 64 << 20
        /// A block decompressed.
        public var inflated = 256 << 20

        public init() {}
    }

    /// The schema that the file was written with.
    public let schema: AvroSchema
    public let codec: Codec
    /// All metadata, `avro.schema` and `avro.codec` as well.
    public let metadata: [String: [UInt8]]

    private var input: ContainerInput
    private let limits: Limits
    private let decoder: ValueDecoder
    private let sync: [UInt8]
    /// The block that is being read, decompressed.
    private var block: [UInt8] = []
    private var position = 0
    /// Records of the block that are still to be read.
    private var left = 0
    private var records = 0
    private var blocks = 0

    /// - Parameters:
    ///   - source: what errors call the file.
    ///   - reader: the schema that records are resolved to; nil takes them as they were written.
    ///   - read: gives up to so many of the next bytes, and none at the end.
    public init(
        source: String, reader: AvroSchema? = nil, limits: Limits = Limits(), read: @escaping (Int) throws -> [UInt8]
    ) throws(ContainerError) {
        var input = ContainerInput(source: source, read: read)
        let metadata = try ContainerReader.header(&input, limits.header)
        self.sync = try input.take(ContainerFormat.syncSize)
        guard let text = metadata[ContainerFormat.schemaKey] else {
            throw input.failure("there is no \(ContainerFormat.schemaKey) in its metadata")
        }
        guard let text = String(validating: text, as: UTF8.self) else { throw input.failure("its schema is not UTF-8") }
        let name = metadata[ContainerFormat.codecKey].map { String(decoding: $0, as: UTF8.self) } ?? "null"
        guard let codec = Codec(rawValue: name) else {
            let known = Codec.allCases.map(\.rawValue).joined(separator: ", ")
            throw input.failure("its codec is \"\(name.prefix(40))\"; Weir reads \(known)")
        }
        do {
            schema = try AvroSchema(parsing: text, source: "\(source) (schema)")
            decoder = try ValueDecoder(writer: schema, reader: reader)
        } catch {
            throw input.failure("\(error)")
        }
        self.codec = codec
        self.metadata = metadata
        self.limits = limits
        self.input = input
    }

    /// Opens a file.
    public convenience init(
        path: String, reader: AvroSchema? = nil, limits: Limits = Limits()
    ) throws(ContainerError) {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw ContainerError(source: path, place: "header", message: "the file cannot be opened")
        }
        try self.init(source: path, reader: reader, limits: limits) { count in
            try file.read(upToCount: count).map { Array($0) } ?? []
        }
    }

    /// The next record; nil at the end of the file.
    public func next() throws(ContainerError) -> AvroValue? {
        while left == 0 {
            guard position == block.count else { throw input.failure("bytes follow the block's last record") }
            guard try nextBlock() else { return nil }
        }
        do throws(ValueError) {
            let value = try decoder.decode(block.span.bytes, at: &position)
            left -= 1
            records += 1
            return value
        } catch {
            throw ContainerError(
                source: input.source, place: "\(input.place), record \(records)", message: "\(error)")
        }
    }

    /// Reads the next block; false at the end of the file.
    private func nextBlock() throws(ContainerError) -> Bool {
        input.place = "block \(blocks)"
        guard try !input.isAtEnd() else { return false }
        let count = try input.long()
        let size = try input.long()
        guard size >= 0, size <= limits.block else {
            throw input.failure("it claims \(size) bytes; the limit is \(limits.block)")
        }
        let bytes = try input.take(Int(size))
        guard try input.take(ContainerFormat.syncSize) == sync else {
            throw input.failure(
                "no sync marker after it: the file is damaged, or the block is not as long as it claims")
        }
        do throws(CodecError) {
            block = try codec.decompress(bytes, limit: limits.inflated)
        } catch {
            throw input.failure("\(codec.rawValue): \(error.message)")
        }
        // Records take a byte at least, unless they are of no size.
        guard count >= 0, count <= max(block.count, DecodePlan.maximumEmptyItems) else {
            throw input.failure("it claims \(count) records in \(block.count) bytes")
        }
        left = Int(count)
        position = 0
        records = 0
        blocks += 1
        return true
    }

    private static func header(_ input: inout ContainerInput, _ limit: Int) throws(ContainerError) -> [String: [UInt8]]
    {
        guard try input.take(ContainerFormat.magic.count) == ContainerFormat.magic else {
            throw input.failure("it does not begin with \"Obj\" and 1: no Avro container file")
        }
        var metadata: [String: [UInt8]] = [:]
        var left = limit
        func piece() throws(ContainerError) -> [UInt8] {
            let size = try input.long()
            guard size >= 0, size <= left else { throw input.failure("its metadata have more than \(limit) bytes") }
            // Empty pieces cost as well, or their number would have no bound.
            left -= Int(size) + 1
            return try input.take(Int(size))
        }
        while true {
            let count = try input.long()
            if count == 0 { return metadata }
            if count < 0 { _ = try input.long() }
            for _ in 0..<count.magnitude {
                let key = String(decoding: try piece(), as: UTF8.self)
                metadata[key] = try piece()
            }
        }
    }
}
