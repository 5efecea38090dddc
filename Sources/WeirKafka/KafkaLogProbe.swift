// Looks at single records of many logs, in no group, and leaves no trace.

internal import CRdkafka

/// Finds the first record that a consumer would be given from an offset on. Used by one thread.
public final class KafkaLogProbe {
    public enum Finding: Sendable, Equatable {
        /// - Parameter timestamp: milliseconds since 1970; nil if the record has none.
        case record(offset: Int64, timestamp: Int64?)
        /// Nothing up to here that a consumer could read: transaction markers, aborted or compacted records. If the
        /// log is longer, a transaction that is still open begins here.
        case nothing(until: Int64)
    }

    private let handle: KafkaHandle

    /// - Parameter settings: as of a consumer; it reads committed records unless they say otherwise.
    public init(_ settings: KafkaSettings) throws(KafkaError) {
        // One record of each partition is wanted, and what else a broker sends is thrown away.
        let frugal: KafkaSettings = [
            ("queued.min.messages", "1"), ("fetch.message.max.bytes", "16384"), ("fetch.wait.max.ms", "50"),
            ("isolation.level", "read_committed"), ("socket.nagle.disable", "true"),
        ]
        handle = try KafkaHandle(
            RD_KAFKA_CONSUMER,
            frugal + settings + [("enable.partition.eof", "true"), ("auto.offset.reset", "error")],
            hooks: KafkaHooks { _, _, _ in })
    }

    /// What is found from each offset on; partitions that did not answer in time, or refused, are left out.
    public func look(at places: [(TopicPartition, Int64)], milliseconds: Int64 = 5000) -> [TopicPartition: Finding] {
        guard !places.isEmpty, let queue = rd_kafka_queue_new(handle.client) else { return [:] }
        defer { rd_kafka_queue_destroy(queue) }
        var topics: [String: OpaquePointer] = [:]
        defer { for topic in topics.values { rd_kafka_topic_destroy(topic) } }
        // Where each look that is under way began.
        var begun: [TopicPartition: (topic: OpaquePointer, offset: Int64)] = [:]
        defer { for (partition, look) in begun { rd_kafka_consume_stop(look.topic, partition.partition) } }
        for (partition, offset) in places {
            guard let topic = topics[partition.topic] ?? rd_kafka_topic_new(handle.client, partition.topic, nil) else {
                continue
            }
            topics[partition.topic] = topic
            if rd_kafka_consume_start_queue(topic, partition.partition, offset, queue) == 0 {
                begun[partition] = (topic, offset)
            }
        }
        var findings: [TopicPartition: Finding] = [:]
        let deadline = ContinuousClock.now + .milliseconds(milliseconds)
        while !begun.isEmpty {
            let left = (deadline - .now) / .milliseconds(1)
            guard left > 0, let message = rd_kafka_consume_queue(queue, Int32(left.rounded(.up))) else { break }
            defer { rd_kafka_message_destroy(message) }
            guard let topic = message.pointee.rkt else { continue }
            let partition = TopicPartition(
                topic: String(cString: rd_kafka_topic_name(topic)), partition: message.pointee.partition)
            guard let look = begun[partition] else { continue }
            switch message.pointee.err {
            case RD_KAFKA_RESP_ERR_NO_ERROR: findings[partition] = Self.record(message)
            case RD_KAFKA_RESP_ERR__PARTITION_EOF:
                findings[partition] = .nothing(until: max(look.offset, message.pointee.offset))
            default: break
            }
            begun[partition] = nil
            rd_kafka_consume_stop(look.topic, partition.partition)
        }
        return findings
    }

    private static func record(_ message: UnsafePointer<rd_kafka_message_t>) -> Finding {
        var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let timestamp = rd_kafka_message_timestamp(message, &kind)
        let isSet = kind != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE && timestamp >= 0
        return .record(offset: message.pointee.offset, timestamp: isSet ? timestamp : nil)
    }
}
