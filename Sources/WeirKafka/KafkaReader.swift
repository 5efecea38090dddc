// Reads topics in no group: for checks, audits and tests.

internal import CRdkafka

public final class KafkaReader {
    private let handle: KafkaHandle

    /// - Parameter from: first offset to read; nil begins with the oldest record.
    public convenience init(_ settings: KafkaSettings, partitions: [TopicPartition], from: Int64? = nil)
        throws(KafkaError)
    {
        try self.init(settings, from: partitions.map { ($0, from ?? Int64(RD_KAFKA_OFFSET_BEGINNING)) })
    }

    /// - Parameter from: partitions with the first offset to read of each.
    public init(_ settings: KafkaSettings, from: [(TopicPartition, Int64)]) throws(KafkaError) {
        handle = try KafkaHandle(RD_KAFKA_CONSUMER, settings, hooks: KafkaHooks { _, _, _ in })
        rd_kafka_poll_set_consumer(handle.client)
        let list = PartitionList(from)
        let code = list.call { rd_kafka_assign(handle.client, $0) }
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
    }

    /// The next record or error event, or nil after `milliseconds` without any.
    public func poll(milliseconds: Int32) -> KafkaMessage? {
        rd_kafka_consumer_poll(handle.client, milliseconds).map { KafkaMessage($0) }
    }
}
