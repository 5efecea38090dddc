// A row of weir.outbox: messages that are committed and have to reach Kafka.

internal import WeirKafka

struct StoredMessages {
    let id: Int64
    /// Partition whose records made them; its owner publishes them.
    let source: TopicPartition
    let messages: [OutboxMessage]
}
