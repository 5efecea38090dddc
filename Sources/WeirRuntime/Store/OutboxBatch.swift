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

/// Packing: for each message topic, key, payload, and headers.
package enum OutboxBatch {
    package static func pack(_ messages: [OutboxMessage]) -> [UInt8] {
        var packer = Packer()
        for message in messages {
            packer.put(Array(message.topic.utf8))
            packer.put(message.key)
            packer.put(message.payload)
            packer.put(message.headers)
        }
        return packer.bytes
    }

    /// Nil if the bytes are not what `pack` makes.
    package static func unpack(_ bytes: [UInt8]) -> [OutboxMessage]? {
        var unpacker = Unpacker(bytes)
        var messages: [OutboxMessage] = []
        while !unpacker.isAtEnd, !unpacker.isBroken {
            messages.append(
                OutboxMessage(
                    topic: unpacker.text(), key: unpacker.value(), payload: unpacker.value(),
                    headers: unpacker.headers()))
        }
        return unpacker.isBroken ? nil : messages
    }
}
