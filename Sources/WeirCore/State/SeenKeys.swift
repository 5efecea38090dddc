// The stored form of remembered keys: 24 bytes each, little endian, as in weir.seen.keys.

package enum SeenKeys {
    package static let stride = 24

    /// Adds stored keys to an index under the bucket of their row; false if the bytes are no whole number of keys.
    package static func restore(_ bytes: RawSpan, bucket: UInt8, into index: inout KeyIndex) -> Bool {
        guard bytes.byteCount % stride == 0 else { return false }
        var position = 0
        while position < bytes.byteCount {
            let key = Hash128(low: bytes.word(at: position), high: bytes.word(at: position + 8))
            _ = index.insert(SeenKey(key: key, fingerprint: bytes.word(at: position + 16), bucket: bucket))
            position += stride
        }
        return true
    }

    /// Hands over the keys' stored form.
    package static func store(_ keys: ContiguousArray<SeenKey>, _ body: (UnsafeRawBufferPointer) -> Void) {
        precondition(MemoryLayout<SeenKey>.stride == stride && UInt64(1).littleEndian == 1)
        keys.withUnsafeBytes(body)
    }
}
