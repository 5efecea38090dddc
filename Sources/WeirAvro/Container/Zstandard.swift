// The codec zstandard: frames of RFC 8878, by libzstd; the only file that touches its functions.

import CZstd

enum Zstandard {
    /// Windows larger than 2^26 bytes are refused: what decompression needs is bounded by it.
    private static let windowLog: Int32 = 26

    static func compress(_ bytes: [UInt8]) throws(CodecError) -> [UInt8] {
        var status = 0
        let result = bytes.withUnsafeBytes { input in
            [UInt8].filled(ZSTD_compressBound(input.count)) { output in
                status = ZSTD_compress(output.baseAddress, output.count, input.baseAddress, input.count, 3)
                return ZSTD_isError(status) == 0 ? status : 0
            }
        }
        guard ZSTD_isError(status) == 0 else { throw .broken }
        return result
    }

    static func decompress(_ bytes: [UInt8], limit: Int) throws(CodecError) -> [UInt8] {
        guard let context = ZSTD_createDCtx() else { throw .broken }
        defer { ZSTD_freeDCtx(context) }
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, windowLog)
        var status = 1
        var result: [UInt8] = []
        var isStuck = false
        bytes.withUnsafeBytes { source in
            var input = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
            // Done when a frame has ended and no other begins.
            while !isStuck, result.count <= limit, ZSTD_isError(status) == 0, status > 0 || input.pos < input.size {
                let before = (input.pos, result.count)
                result += [UInt8].filled([UInt8].piece) { buffer in
                    var output = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
                    status = ZSTD_decompressStream(context, &output, &input)
                    return output.pos
                }
                isStuck = before == (input.pos, result.count)
            }
        }
        guard ZSTD_isError(status) == 0 else { throw .broken }
        guard result.count <= limit else { throw .tooLarge(limit) }
        guard status == 0 else { throw .truncated }
        return result
    }
}
