// Messages to publish, and how a batch of them is packed into one row of weir.outbox.

package import WeirKafka

package struct OutboxMessage: Equatable, Sendable {
    package var topic: String
    package var key: [UInt8]?
    package var payload: [UInt8]?
    package var headers: [KafkaHeader]

    package init(topic: String, key: [UInt8]?, payload: [UInt8]?, headers: [KafkaHeader]) {
        self.topic = topic
        self.key = key
        self.payload = payload
        self.headers = headers
    }
}

/// Packing: for each message topic, key, payload, number of headers, then each header's name and value.
/// Each of these is a 32-bit big-endian length (-1 for null) and so many bytes.
package enum OutboxBatch {
    package static func pack(_ messages: [OutboxMessage]) -> [UInt8] {
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
    package static func unpack(_ bytes: [UInt8]) -> [OutboxMessage]? {
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
            guard count >= 0, count <= bytes.count - position, !broken else {
                broken = broken || count != -1
                return nil
            }
            defer { position += count }
            return Array(bytes[position..<(position + count)])
        }
        func text() -> String {
            guard let value = value() else {
                broken = true
                return ""
            }
            return String(decoding: value, as: UTF8.self)
        }
        var messages: [OutboxMessage] = []
        while position < bytes.count, !broken {
            var message = OutboxMessage(topic: text(), key: value(), payload: value(), headers: [])
            var headers = number()
            // A header takes at least its two lengths.
            if headers < 0 || headers > (bytes.count - position) / 8 { broken = true }
            while headers > 0, !broken {
                headers -= 1
                message.headers.append(KafkaHeader(name: text(), value: value()))
            }
            messages.append(message)
        }
        return broken ? nil : messages
    }
}
