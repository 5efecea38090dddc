// The stored form of remembered keys: 24 bytes each, little endian, as in weir.seen.keys.

package enum SeenKeys {
    package static let stride = 24
    /// So many keys before its turn a key's place is fetched.
    private static let ahead = 16

    /// Adds stored keys to an index under the bucket of their row; false if the bytes are no whole number of keys.
    package static func restore(_ bytes: RawSpan, bucket: UInt8, into index: inout KeyIndex) -> Bool {
        guard bytes.byteCount % stride == 0 else { return false }
        let ahead = ahead * stride
        for position in Swift.stride(from: 0, to: bytes.byteCount, by: stride) {
            if position + ahead < bytes.byteCount { index.prefetch(key(in: bytes, at: position + ahead)) }
            let seen = SeenKey(
                key: key(in: bytes, at: position), fingerprint: bytes.word(at: position + 16), bucket: bucket)
            _ = index.insert(seen)
        }
        return true
    }

    private static func key(in bytes: RawSpan, at position: Int) -> Hash128 {
        Hash128(low: bytes.word(at: position), high: bytes.word(at: position + 8))
    }

    /// Hands over the keys' stored form.
    package static func store(_ keys: ContiguousArray<SeenKey>, _ body: (UnsafeRawBufferPointer) -> Void) {
        precondition(MemoryLayout<SeenKey>.stride == stride && UInt64(1).littleEndian == 1)
        keys.withUnsafeBytes(body)
    }
}
