// Single-object encoding (Avro 1.11): a marker and the schema's fingerprint before a body.

/// A schema's fingerprint and the body that follows it: 0xC3 0x01, CRC-64-AVRO as eight little-endian bytes, the body.
public struct SingleObject: Sendable, Equatable {
    public static let headerSize = 10

    /// `AvroSchema.rabinFingerprint` of the writer's schema.
    public let fingerprint: UInt64
    /// Where the body stands in the payload.
    public let body: Range<Int>

    /// Nil if the payload is shorter than the header or does not begin with the marker.
    public init?(parsing payload: RawSpan) {
        guard payload.byteCount >= SingleObject.headerSize, payload.byte(0) == 0xc3, payload.byte(1) == 0x01 else {
            return nil
        }
        fingerprint = UInt64(littleEndian: payload.unsafeLoadUnaligned(fromByteOffset: 2, as: UInt64.self))
        body = SingleObject.headerSize..<payload.byteCount
    }

    /// Writes the header; the body is to follow.
    public static func writeHeader(fingerprint: UInt64, into writer: inout AvroWriter) {
        writer.writeFixed([0xc3, 0x01])
        writer.writeLittleEndian(fingerprint)
    }
}
