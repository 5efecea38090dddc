// The codec snappy: a raw snappy block and the CRC-32 of what is in it; the only file that touches snappy's functions.

import CSnappy
import CZlib

enum Snappy {
    private static let checksumSize = 4

    static func compress(_ bytes: [UInt8]) throws(CodecError) -> [UInt8] {
        var status = SNAPPY_INVALID_INPUT
        var result = bytes.withUnsafeBytes { input in
            [UInt8].filled(snappy_max_compressed_length(input.count)) { output in
                var count = output.count
                status = output.withMemoryRebound(to: CChar.self) {
                    snappy_compress(chars(input), input.count, $0.baseAddress, &count)
                }
                return status == SNAPPY_OK ? count : 0
            }
        }
        guard status == SNAPPY_OK else { throw .broken }
        withUnsafeBytes(of: checksum(bytes).bigEndian) { result.append(contentsOf: $0) }
        return result
    }

    static func decompress(_ bytes: [UInt8], limit: Int) throws(CodecError) -> [UInt8] {
        guard bytes.count >= checksumSize else { throw .truncated }
        let size = bytes.count - checksumSize
        var count = 0
        let readable = bytes.withUnsafeBytes { snappy_uncompressed_length(chars($0), size, &count) == SNAPPY_OK }
        guard readable else { throw .broken }
        guard count <= limit else { throw .tooLarge(limit) }
        var status = SNAPPY_INVALID_INPUT
        let result = bytes.withUnsafeBytes { input in
            [UInt8].filled(count) { output in
                var written = output.count
                status = output.withMemoryRebound(to: CChar.self) {
                    snappy_uncompress(chars(input), size, $0.baseAddress, &written)
                }
                return status == SNAPPY_OK ? written : 0
            }
        }
        guard status == SNAPPY_OK else { throw .broken }
        let expected = bytes[size...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard checksum(result) == expected else { throw CodecError(message: "its checksum does not match") }
        return result
    }

    private static func chars(_ bytes: UnsafeRawBufferPointer) -> UnsafePointer<CChar>? {
        bytes.bindMemory(to: CChar.self).baseAddress
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        UInt32(truncatingIfNeeded: crc32_z(0, bytes, bytes.count))
    }
}
