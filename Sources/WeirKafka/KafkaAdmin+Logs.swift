// Questions about all logs of a cluster at once.

internal import CRdkafka

extension KafkaAdmin {
    /// Every partition of the cluster, and those of them that have a leader now.
    ///
    /// One request.
    public func partitions(milliseconds: Int32 = 10_000) throws(KafkaError)
        -> (all: Set<TopicPartition>, led: Set<TopicPartition>)
    {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(handle.client, 1, nil, &metadata, milliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else { throw KafkaError(code) }
        defer { rd_kafka_metadata_destroy(metadata) }
        var all: Set<TopicPartition> = []
        var led: Set<TopicPartition> = []
        for topic in UnsafeBufferPointer(start: metadata.pointee.topics, count: Int(metadata.pointee.topic_cnt)) {
            let name = String(cString: topic.topic)
            guard topic.err == RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
            for partition in UnsafeBufferPointer(start: topic.partitions, count: Int(topic.partition_cnt)) {
                let id = TopicPartition(topic: name, partition: partition.id)
                all.insert(id)
                if partition.leader >= 0 { led.insert(id) }
            }
        }
        return (all, led)
    }

    /// First offsets of many logs with one request a broker; those that no broker told of are left out.
    ///
    /// - Parameter partitions: ones that have leaders; for others librdkafka waits until the time is over.
    public func starts(of partitions: [TopicPartition], milliseconds: Int32 = 10_000) throws(KafkaError)
        -> [TopicPartition: Int64]
    {
        try edges(of: partitions, RD_KAFKA_OFFSET_BEGINNING, milliseconds)
    }

    /// - Parameter edge: `RD_KAFKA_OFFSET_BEGINNING` or `RD_KAFKA_OFFSET_END`.
    func edges(of partitions: [TopicPartition], _ edge: Int32, _ milliseconds: Int32) throws(KafkaError)
        -> [TopicPartition: Int64]
    {
        // librdkafka calls an empty question a mistake.
        guard !partitions.isEmpty else { return [:] }
        let list = PartitionList(partitions.map { ($0, Int64(edge)) })
        var edges: [TopicPartition: Int64] = [:]
        let code = list.call { pointer in
            let code = rd_kafka_offsets_for_times(handle.client, pointer, milliseconds)
            for index in 0..<Int(pointer.pointee.cnt) {
                let entry = pointer.pointee.elems[index]
                guard entry.err == RD_KAFKA_RESP_ERR_NO_ERROR, entry.offset >= 0 else { continue }
                edges[TopicPartition(topic: String(cString: entry.topic), partition: entry.partition)] = entry.offset
            }
            return code
        }
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
        return edges
    }
}
