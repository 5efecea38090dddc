// How blocks of container files are compressed.

/// The codecs of Avro 1.11 that Debian has libraries for; bzip2 and xz are refused by name.
public enum Codec: String, Sendable, CaseIterable {
    case null
    case deflate
    case snappy
    case zstandard

    func compress(_ bytes: [UInt8]) throws(CodecError) -> [UInt8] {
        switch self {
        case .null: bytes
        case .deflate: try Deflate.compress(bytes)
        case .snappy: try Snappy.compress(bytes)
        case .zstandard: try Zstandard.compress(bytes)
        }
    }

    /// - Parameter limit: bytes that may come out at the most; what would be more is refused before it is made.
    func decompress(_ bytes: [UInt8], limit: Int) throws(CodecError) -> [UInt8] {
        switch self {
        case .null: bytes
        case .deflate: try Deflate.decompress(bytes, limit: limit)
        case .snappy: try Snappy.decompress(bytes, limit: limit)
        case .zstandard: try Zstandard.decompress(bytes, limit: limit)
        }
    }
}

/// Why a block does not decompress, in words.
struct CodecError: Error {
    let message: String

    static func tooLarge(_ limit: Int) -> CodecError {
        CodecError(message: "it decompresses to more than \(limit) bytes")
    }

    static let broken = CodecError(message: "the compressed data are broken")
    static let truncated = CodecError(message: "the compressed data end too early")
}

extension [UInt8] {
    /// Fills an array by a function that writes somewhere and says how many bytes it wrote.
    static func filled(
        _ capacity: Int, _ write: (UnsafeMutableBufferPointer<UInt8>) -> Int
    ) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in count = write(buffer) }
    }

    /// Output is made in pieces of this size, so that memory follows what really comes out.
    static let piece = 1 << 16
}
