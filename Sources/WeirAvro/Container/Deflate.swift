// The codec deflate: RFC 1951 with no header or checksum, by zlib; the only file that touches its stream.

import CZlib

enum Deflate {
    /// Negative: no zlib header.
    private static let windowBits: Int32 = -15

    static func compress(_ bytes: [UInt8]) throws(CodecError) -> [UInt8] {
        var stream = z_stream()
        let opened = deflateInit2_(
            &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard opened == Z_OK else { throw .broken }
        defer { deflateEnd(&stream) }
        let capacity = Int(deflateBound(&stream, UInt(bytes.count)))
        var status = Z_STREAM_ERROR
        let result = run(&stream, bytes) { stream in
            [UInt8].filled(capacity) { output in
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(truncatingIfNeeded: output.count)
                status = deflate(&stream, Z_FINISH)
                return output.count - Int(stream.avail_out)
            }
        }
        guard status == Z_STREAM_END else { throw .broken }
        return result
    }

    static func decompress(_ bytes: [UInt8], limit: Int) throws(CodecError) -> [UInt8] {
        var stream = z_stream()
        guard inflateInit2_(&stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .broken
        }
        defer { inflateEnd(&stream) }
        var status = Z_OK
        let result = run(&stream, bytes) { stream in
            var result: [UInt8] = []
            while status == Z_OK, result.count <= limit {
                result += [UInt8].filled([UInt8].piece) { output in
                    stream.next_out = output.baseAddress
                    stream.avail_out = UInt32(output.count)
                    status = inflate(&stream, Z_NO_FLUSH)
                    return output.count - Int(stream.avail_out)
                }
            }
            return result
        }
        guard result.count <= limit else { throw .tooLarge(limit) }
        if status == Z_BUF_ERROR { throw .truncated }
        // What follows the end is not looked at: fastavro leaves three bytes of a zlib checksum there.
        guard status == Z_STREAM_END else { throw .broken }
        return result
    }

    /// Gives the stream its input for the length of a call. zlib does not write to it, though its type would allow.
    private static func run(
        _ stream: inout z_stream, _ bytes: [UInt8], _ body: (inout z_stream) -> [UInt8]
    ) -> [UInt8] {
        bytes.withUnsafeBufferPointer { input in
            stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            stream.avail_in = UInt32(truncatingIfNeeded: input.count)
            return body(&stream)
        }
    }
}
