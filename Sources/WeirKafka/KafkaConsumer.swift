// A consumer group member: one thread polls it, one record at a time.

internal import CRdkafka

/// What the group decided. Delivered inside `poll` or `close`, on the polling thread.
public enum Rebalance {
    /// The group gave these. Reading starts only when `assign` is called with their offsets, which may be
    /// later: until then the group waits for this member, and its heartbeats go on.
    case assigned([TopicPartition])
    /// The group takes these away when the handler returns: last chance to commit.
    case revoked([TopicPartition])
    /// These were taken away already, by a timeout: nothing of them may be committed.
    case lost([TopicPartition])
}

/// Reads one record at a time: in librdkafka 2.0.2 batch reads together with pause and resume can skip
/// offsets (its changelog, 2.1.0, #4208).
public final class KafkaConsumer {
    private let handle: KafkaHandle
    private let hooks: KafkaHooks
    private let queue: OpaquePointer

    /// - Parameter waker: told when records arrive after `poll` came back empty.
    public init(
        _ settings: KafkaSettings, waker: Waker, log: @escaping @Sendable (Int, String, String) -> Void,
        rebalance: @escaping (Rebalance) -> Void
    ) throws(KafkaError) {
        hooks = KafkaHooks(log: log)
        hooks.rebalance = rebalance
        handle = try KafkaHandle(RD_KAFKA_CONSUMER, settings, hooks: hooks)
        rd_kafka_poll_set_consumer(handle.client)
        queue = rd_kafka_queue_get_consumer(handle.client)
        waker.watch(queue)
    }

    deinit {
        // The waker's pipe may go before librdkafka's threads do.
        rd_kafka_queue_io_event_enable(queue, -1, nil, 0)
        rd_kafka_queue_destroy(queue)
    }

    static func installRebalanceCallback(_ configuration: OpaquePointer?) {
        rd_kafka_conf_set_rebalance_cb(configuration) { client, code, list, _ in
            guard let client, let list, let hooks = KafkaHooks.of(client) else { return }
            let partitions = PartitionList.read(list)
            guard let rebalance = hooks.rebalance else { return }
            if code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
                rebalance(.assigned(partitions))
                return
            }
            rebalance(rd_kafka_assignment_lost(client) == 0 ? .revoked(partitions) : .lost(partitions))
            if KafkaConsumer.isCooperative(client) {
                rd_kafka_error_destroy(rd_kafka_incremental_unassign(client, list))
            } else {
                rd_kafka_assign(client, nil)
            }
        }
    }

    private static func isCooperative(_ client: OpaquePointer) -> Bool {
        rd_kafka_rebalance_protocol(client).map { String(cString: $0) } == "COOPERATIVE"
    }

    public func subscribe(_ topics: [String]) throws(KafkaError) {
        let list = PartitionList(topics.map { (TopicPartition(topic: $0, partition: -1), -1001) })
        try check(list.call { rd_kafka_subscribe(handle.client, $0) })
    }

    /// The next record or error event, or nil after `milliseconds` without any.
    @inline(__always)
    public func poll(milliseconds: Int32) -> KafkaMessage? {
        guard let message = rd_kafka_consumer_poll(handle.client, milliseconds) else { return nil }
        return KafkaMessage(message)
    }

    /// Starts reading partitions that a rebalance gave.
    public func assign(_ partitions: [(TopicPartition, StartOffset)]) throws(KafkaError) {
        let list = PartitionList(
            partitions.map { partition, start in
                switch start {
                case .earliest: (partition, Int64(RD_KAFKA_OFFSET_BEGINNING))
                case .at(let offset): (partition, offset)
                }
            })
        if Self.isCooperative(handle.client) {
            if let error = KafkaError.taking(list.call { rd_kafka_incremental_assign(handle.client, $0) }) {
                throw error
            }
        } else {
            try check(list.call { rd_kafka_assign(handle.client, $0) })
        }
    }

    /// Stops fetching and drops what was fetched but not polled; the position stays.
    public func pause(_ partitions: [TopicPartition]) throws(KafkaError) {
        let list = PartitionList(partitions.map { ($0, -1001) })
        try check(list.call { rd_kafka_pause_partitions(handle.client, $0) })
    }

    /// Only for partitions that are paused: resuming another can rewind it (librdkafka #4686).
    public func resume(_ partitions: [TopicPartition]) throws(KafkaError) {
        let list = PartitionList(partitions.map { ($0, -1001) })
        try check(list.call { rd_kafka_resume_partitions(handle.client, $0) })
    }

    /// Tells Kafka's own lag tools how far this group is. Weir never reads it back.
    public func reportOffsets(_ offsets: [(TopicPartition, Int64)]) {
        _ = PartitionList(offsets).call { rd_kafka_commit(handle.client, $0, 1) }
    }

    /// Leaves the group, delivering the last `.revoked`, and closes the connections.
    public func close() { rd_kafka_consumer_close(handle.client) }

    private func check(_ code: rd_kafka_resp_err_t) throws(KafkaError) {
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(code) }
    }
}
