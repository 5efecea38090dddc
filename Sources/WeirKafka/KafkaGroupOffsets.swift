// How far a consumer group is, for somebody who is no member of it.

internal import CRdkafka

public final class KafkaGroupOffsets {
    private let handle: KafkaHandle

    /// - Parameter settings: as of a consumer; the group need not exist.
    public init(group: String, settings: KafkaSettings) throws(KafkaError) {
        handle = try KafkaHandle(
            RD_KAFKA_CONSUMER, settings + [("group.id", group), ("enable.auto.commit", "false")],
            hooks: KafkaHooks { _, _, _ in })
    }

    /// The group's committed offsets; those of partitions that it has committed nothing of are left out.
    public func committed(_ partitions: [TopicPartition], milliseconds: Int32 = 5000) throws(KafkaError)
        -> [TopicPartition: Int64]
    {
        let list = PartitionList(partitions.map { ($0, -1001) })
        var offsets: [TopicPartition: Int64] = [:]
        var failure = RD_KAFKA_RESP_ERR_NO_ERROR
        list.call { pointer in
            failure = rd_kafka_committed(handle.client, pointer, milliseconds)
            for index in 0..<Int(pointer.pointee.cnt) {
                let entry = pointer.pointee.elems[index]
                if failure == RD_KAFKA_RESP_ERR_NO_ERROR { failure = entry.err }
                guard entry.offset >= 0 else { continue }
                offsets[TopicPartition(topic: String(cString: entry.topic), partition: entry.partition)] = entry.offset
            }
        }
        guard failure == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(failure) }
        return offsets
    }

    /// Sets offsets of a group that has no members, and waits for the broker's answer.
    public func commit(_ offsets: [(TopicPartition, Int64)]) throws(KafkaError) {
        let code = PartitionList(offsets).call { rd_kafka_commit(handle.client, $0, 0) }
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
    }
}
