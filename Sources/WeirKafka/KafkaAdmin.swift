// Questions to a cluster that need no group: does a topic exist, and what does its log hold.

internal import CRdkafka

public final class KafkaAdmin {
    let handle: KafkaHandle

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

    /// Deletes a topic; one that is not there is no mistake.
    public func deleteTopic(_ topic: String, milliseconds: Int32 = 10_000) throws(KafkaError) {
        guard let unwanted = rd_kafka_DeleteTopic_new(topic) else { throw KafkaError(rd_kafka_last_error()) }
        defer { rd_kafka_DeleteTopic_destroy(unwanted) }
        var list: [OpaquePointer?] = [unwanted]
        try ask(milliseconds, unless: RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
            rd_kafka_DeleteTopics(handle.client, &list, 1, nil, $0)
        } topic: { event in
            var count = 0
            let result = rd_kafka_event_DeleteTopics_result(event)
            return rd_kafka_DeleteTopics_result_topics(result, &count)?[0]
        }
    }

    /// Asks the controller about one topic, and waits for its answer.
    ///
    /// - Parameters:
    ///   - harmless: the code that is no failure.
    ///   - send: the request, whose answer goes to a queue.
    ///   - topic: what the answer says of the topic.
    private func ask(
        _ milliseconds: Int32, unless harmless: rd_kafka_resp_err_t, _ send: (OpaquePointer) -> Void,
        topic: (OpaquePointer) -> OpaquePointer?
    ) throws(KafkaError) {
        guard let queue = rd_kafka_queue_new(handle.client) else { throw KafkaError(rd_kafka_last_error()) }
        defer { rd_kafka_queue_destroy(queue) }
        send(queue)
        guard let event = rd_kafka_queue_poll(queue, milliseconds) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT)
        }
        defer { rd_kafka_event_destroy(event) }
        guard rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw KafkaError(rd_kafka_event_error(event))
        }
        guard let topic = topic(event) else { throw KafkaError(RD_KAFKA_RESP_ERR_UNKNOWN) }
        let code = rd_kafka_topic_result_error(topic)
        if code != RD_KAFKA_RESP_ERR_NO_ERROR, code != harmless { throw KafkaError(code) }
    }

    /// Ends of many logs with one question: the offset after each one's last record.
    public func ends(of partitions: [TopicPartition], milliseconds: Int32 = 10_000) throws(KafkaError)
        -> [TopicPartition: Int64]
    {
        try edges(of: partitions, RD_KAFKA_OFFSET_END, milliseconds)
    }

    /// Creates a topic with the brokers' default replication; one that exists is left as it is.
    public func createTopic(_ topic: String, partitions: Int, milliseconds: Int32 = 10_000) throws(KafkaError) {
        var text = [CChar](repeating: 0, count: 512)
        guard let wanted = rd_kafka_NewTopic_new(topic, Int32(partitions), -1, &text, text.count) else {
            throw KafkaError(configuration: "topic \(topic) with \(partitions) partitions is not possible")
        }
        defer { rd_kafka_NewTopic_destroy(wanted) }
        var list: [OpaquePointer?] = [wanted]
        try ask(milliseconds, unless: RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
            rd_kafka_CreateTopics(handle.client, &list, 1, nil, $0)
        } topic: { event in
            var count = 0
            let result = rd_kafka_event_CreateTopics_result(event)
            return rd_kafka_CreateTopics_result_topics(result, &count)?[0]
        }
    }

    /// Whether the broker may remove older records of a key (`cleanup.policy` contains `compact`).
    public func isCompacted(topic: String, milliseconds: Int32 = 10_000) throws(KafkaError) -> Bool {
        guard let queue = rd_kafka_queue_new(handle.client) else { throw KafkaError(rd_kafka_last_error()) }
        defer { rd_kafka_queue_destroy(queue) }
        var resources: [OpaquePointer?] = [rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic)]
        defer { rd_kafka_ConfigResource_destroy(resources[0]) }
        rd_kafka_DescribeConfigs(handle.client, &resources, 1, nil, queue)
        guard let event = rd_kafka_queue_poll(queue, milliseconds) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT)
        }
        defer { rd_kafka_event_destroy(event) }
        let code = rd_kafka_event_error(event)
        // A broker that has no such request (the mock) has no compaction either.
        if code == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE { return false }
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
        var count = 0
        guard let result = rd_kafka_event_DescribeConfigs_result(event),
            let described = rd_kafka_DescribeConfigs_result_resources(result, &count), count == 1
        else { throw KafkaError(RD_KAFKA_RESP_ERR_UNKNOWN) }
        let failure = rd_kafka_ConfigResource_error(described[0])
        guard failure == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(failure) }
        var entryCount = 0
        guard let entries = rd_kafka_ConfigResource_configs(described[0], &entryCount) else { return false }
        for index in 0..<entryCount {
            guard let entry = entries[index], let name = rd_kafka_ConfigEntry_name(entry),
                String(cString: name) == "cleanup.policy", let value = rd_kafka_ConfigEntry_value(entry)
            else { continue }
            return String(cString: value).contains("compact")
        }
        return false
    }
}
