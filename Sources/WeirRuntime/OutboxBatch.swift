// Messages to publish, and how a batch of them is packed into one row of weir.outbox.

internal import WeirKafka

struct OutboxMessage: Equatable {
    var topic: String
    var key: [UInt8]?
    var payload: [UInt8]?
    var headers: [KafkaHeader]
}

/// Packing: for each message topic, key, payload, number of headers, then each header's name and value.
/// Each of these is a 32-bit big-endian length (-1 for null) and so many bytes.
enum OutboxBatch {
    static func pack(_ messages: [OutboxMessage]) -> [UInt8] {
        var bytes: [UInt8] = []
        func put(_ number: Int) {
            withUnsafeBytes(of: Int32(number).bigEndian) { bytes.append(contentsOf: $0) }
        }
        func put(_ value: [UInt8]?) {
            put(value?.count ?? -1)
            bytes.append(contentsOf: value ?? [])
        }
        for message in messages {
            put(Array(message.topic.utf8))
            put(message.key)
            put(message.payload)
            put(message.headers.count)
            for header in message.headers {
                put(Array(header.name.utf8))
                put(header.value)
            }
        }
        return bytes
    }

    /// Nil if the bytes are not what `pack` makes.
    static func unpack(_ bytes: [UInt8]) -> [OutboxMessage]? {
        var position = 0
        var broken = false
        func number() -> Int {
            guard position + 4 <= bytes.count else {
                broken = true
                return 0
            }
            defer { position += 4 }
            return Int(Int32(bitPattern: bytes[position..<(position + 4)].reduce(0) { $0 << 8 | UInt32($1) }))
        }
        func value() -> [UInt8]? {
            let count = number()
            guard count >= 0, !broken else { return nil }
            guard position + count <= bytes.count else {
                broken = true
                return nil
            }
            defer { position += count }
            return Array(bytes[position..<(position + count)])
        }
        func text() -> String { String(decoding: value() ?? [], as: UTF8.self) }
        var messages: [OutboxMessage] = []
        while position < bytes.count, !broken {
            var message = OutboxMessage(topic: text(), key: value(), payload: value(), headers: [])
            for _ in 0..<max(0, number()) where !broken {
                message.headers.append(KafkaHeader(name: text(), value: value()))
            }
            messages.append(message)
        }
        return broken ? nil : messages
    }
}
