// Questions to a cluster that need no group: does a topic exist, and what does its log hold.

internal import CRdkafka

public final class KafkaAdmin {
    private let handle: KafkaHandle

    /// - Parameter settings: as of a consumer, which never creates a topic by asking for it.
    public init(_ settings: KafkaSettings) throws(KafkaError) {
        handle = try KafkaHandle(RD_KAFKA_CONSUMER, settings, hooks: KafkaHooks { _, _, _ in })
    }

    /// Number of partitions of a topic; nil if there is no such topic.
    public func partitions(of topic: String, milliseconds: Int32 = 5000) throws(KafkaError) -> Int? {
        guard let reference = rd_kafka_topic_new(handle.client, topic, nil) else {
            throw KafkaError(rd_kafka_last_error())
        }
        defer { rd_kafka_topic_destroy(reference) }
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(handle.client, 0, reference, &metadata, milliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else { throw KafkaError(code) }
        defer { rd_kafka_metadata_destroy(metadata) }
        guard metadata.pointee.topic_cnt > 0 else { return nil }
        let topic = metadata.pointee.topics[0]
        if topic.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || topic.err == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC {
            return nil
        }
        guard topic.err == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(topic.err) }
        return topic.partition_cnt > 0 ? Int(topic.partition_cnt) : nil
    }

    /// First offset in the log, and the one after its last.
    public func offsets(of partition: TopicPartition, milliseconds: Int32 = 5000) throws(KafkaError)
        -> (first: Int64, end: Int64)
    {
        var first: Int64 = 0
        var end: Int64 = 0
        let code = rd_kafka_query_watermark_offsets(
            handle.client, partition.topic, partition.partition, &first, &end, milliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
        return (first, end)
    }
}
