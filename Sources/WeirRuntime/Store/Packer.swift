// How values are packed end to end into one column of bytes, and read back with every bound checked.

internal import WeirKafka

/// Each value is a 32-bit big-endian length (-1 for null) and so many bytes; numbers are 64 bits, big-endian.
struct Packer {
    private(set) var bytes: [UInt8] = []

    mutating func put(_ value: [UInt8]?) {
        put(count: value?.count ?? -1)
        bytes.append(contentsOf: value ?? [])
    }

    mutating func put(_ number: Int64) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Their count, then each one's name and value.
    mutating func put(_ headers: [KafkaHeader]) {
        put(count: headers.count)
        for header in headers {
            put(Array(header.name.utf8))
            put(header.value)
        }
    }

    private mutating func put(count: Int) {
        withUnsafeBytes(of: Int32(count).bigEndian) { bytes.append(contentsOf: $0) }
    }
}

/// Once something is not as it should be, everything read is empty and `isBroken` true.
struct Unpacker {
    private let bytes: [UInt8]
    private var position = 0
    private(set) var isBroken = false

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position >= bytes.count }

    mutating func value() -> [UInt8]? {
        let size = count()
        guard size >= 0, size <= bytes.count - position, !isBroken else {
            isBroken = isBroken || size != -1
            return nil
        }
        defer { position += size }
        return Array(bytes[position..<(position + size)])
    }

    mutating func text() -> String {
        guard let value = value() else {
            isBroken = true
            return ""
        }
        return String(decoding: value, as: UTF8.self)
    }

    mutating func number() -> Int64 {
        guard bytes.count - position >= 8, !isBroken else {
            isBroken = true
            return 0
        }
        defer { position += 8 }
        return Int64(bitPattern: bytes[position..<(position + 8)].reduce(0) { $0 << 8 | UInt64($1) })
    }

    mutating func headers() -> [KafkaHeader] {
        var left = count()
        // A header takes at least its two lengths.
        if left < 0 || left > (bytes.count - position) / 8 { isBroken = true }
        var headers: [KafkaHeader] = []
        while left > 0, !isBroken {
            left -= 1
            headers.append(KafkaHeader(name: text(), value: value()))
        }
        return headers
    }

    private mutating func count() -> Int {
        guard bytes.count - position >= 4, !isBroken else {
            isBroken = true
            return 0
        }
        defer { position += 4 }
        return Int(Int32(bitPattern: bytes[position..<(position + 4)].reduce(0) { $0 << 8 | UInt32($1) }))
    }
}
