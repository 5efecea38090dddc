// The five bytes that Confluent's serializers put before an Avro body.

/// A schema id and the body that follows it: 0x00, the id as four big-endian bytes, the body.
public struct ConfluentFrame: Sendable, Equatable {
    public static let headerSize = 5

    public let schemaID: Int32
    /// Where the body stands in the payload.
    public let body: Range<Int>

    /// Nil if the payload is shorter than the header or does not begin with 0x00.
    @inlinable
    public init?(parsing payload: RawSpan) {
        guard payload.byteCount >= ConfluentFrame.headerSize,
            payload.unsafeLoad(fromByteOffset: 0, as: UInt8.self) == 0
        else { return nil }
        schemaID = Int32(bigEndian: payload.unsafeLoadUnaligned(fromByteOffset: 1, as: Int32.self))
        body = ConfluentFrame.headerSize..<payload.byteCount
    }

    /// Writes the header; the body is to follow.
    public static func writeHeader(schemaID: Int32, into writer: inout AvroWriter) {
        writer.writeFixed(CollectionOfOne(0))
        writer.writeBigEndian(UInt32(bitPattern: schemaID))
    }
}
