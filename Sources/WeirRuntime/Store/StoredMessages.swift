// A row of weir.outbox: messages that are committed and have to reach Kafka.

package import WeirKafka

package struct StoredMessages: Sendable {
    package let id: Int64
    /// Partition whose records made them; its owner publishes them.
    package let source: TopicPartition
    package let messages: [OutboxMessage]

    package init(id: Int64, source: TopicPartition, messages: [OutboxMessage]) {
        self.id = id
        self.source = source
        self.messages = messages
    }
}
