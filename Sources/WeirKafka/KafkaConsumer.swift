// A consumer group member: one thread polls it, one record at a time.

internal import CRdkafka

/// What the group decided. Delivered inside `poll` or `close`, on the polling thread.
public enum Rebalance {
    /// The group gave these, in addition to what is held. Reading starts only when `assign` is called with their
    /// offsets, which may be later: until then the group waits for this member, its heartbeats go on, and
    /// librdkafka delivers nothing of what is held, either. Nothing is given at times, and needs no answer.
    case assigned([TopicPartition])
    /// The group takes these away when the handler returns: last chance to commit. Those that were given but not
    /// yet assigned may be among them.
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
    private let asksForCooperation: Bool

    /// - Parameter waker: told when records arrive after `poll` came back empty.
    public init(
        _ settings: KafkaSettings, waker: Waker, log: @escaping @Sendable (Int, String, String) -> Void,
        rebalance: @escaping (Rebalance) -> Void
    ) throws(KafkaError) {
        hooks = KafkaHooks(log: log)
        hooks.rebalance = rebalance
        handle = try KafkaHandle(RD_KAFKA_CONSUMER, settings, hooks: hooks)
        asksForCooperation =
            settings.last { $0.name == "partition.assignment.strategy" }?.value.contains("cooperative") ?? false
        rd_kafka_poll_set_consumer(handle.client)
        queue = rd_kafka_queue_get_consumer(handle.client)
        waker.watch(queue)
    }

    deinit {
        hooks.rebalance = nil
        close()
        // The waker's pipe may go before librdkafka's threads do.
        rd_kafka_queue_io_event_enable(queue, -1, nil, 0)
        rd_kafka_queue_destroy(queue)
    }

    static func installRebalanceCallback(_ configuration: OpaquePointer?) {
        rd_kafka_conf_set_rebalance_cb(configuration) { client, code, list, _ in
            guard let client, let list, let hooks = KafkaHooks.of(client) else { return }
            let partitions = PartitionList.read(list)
            if code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
                hooks.dangers.remove(.destroying)
                hooks.isAnswerDue = true
                if !hooks.isClosing { hooks.rebalance?(.assigned(partitions)) }
                // Also nothing is an assignment that waits for its answer.
                if hooks.isAnswerDue, partitions.isEmpty || hooks.isClosing {
                    KafkaConsumer.assignNothing(hooks, client)
                }
                if hooks.isClosing, partitions.isEmpty { hooks.dangers.insert(.closing) }
                return
            }
            hooks.rebalance?(rd_kafka_assignment_lost(client) == 0 ? .revoked(partitions) : .lost(partitions))
            hooks.isAnswerDue = false
            KafkaConsumer.unassign(client, list)
        }
    }

    private static func assignNothing(_ hooks: KafkaHooks, _ client: OpaquePointer) {
        hooks.isAnswerDue = false
        PartitionList([]).call { list in
            if isCooperative(client) {
                rd_kafka_error_destroy(rd_kafka_incremental_assign(client, list))
            } else {
                rd_kafka_assign(client, list)
            }
        }
    }

    private static func unassign(
        _ client: OpaquePointer, _ list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>
    ) {
        guard isCooperative(client) else {
            rd_kafka_assign(client, nil)
            return
        }
        guard let error = rd_kafka_incremental_unassign(client, list) else { return }
        rd_kafka_error_destroy(error)
        // Refused because of one that was never assigned; the group waits for an answer all the same.
        var held: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
        guard rd_kafka_assignment(client, &held) == RD_KAFKA_RESP_ERR_NO_ERROR, let held else { return }
        defer { rd_kafka_topic_partition_list_destroy(held) }
        let assigned = Set(PartitionList.read(held))
        let rest = PartitionList(PartitionList.read(list).filter(assigned.contains).map { ($0, -1001) })
        rd_kafka_error_destroy(rest.call { rd_kafka_incremental_unassign(client, $0) })
    }

    private static func isCooperative(_ client: OpaquePointer) -> Bool {
        rd_kafka_rebalance_protocol(client).map { String(cString: $0) } == "COOPERATIVE"
    }

    public func subscribe(_ topics: [String]) throws(KafkaError) {
        let list = PartitionList(topics.map { (TopicPartition(topic: $0, partition: -1), -1001) })
        if asksForCooperation { hooks.dangers.insert(.destroying) }
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
        let list = Self.list(partitions)
        hooks.isAnswerDue = false
        if Self.isCooperative(handle.client) {
            if let error = KafkaError.taking(list.call { rd_kafka_incremental_assign(handle.client, $0) }) {
                throw error
            }
        } else {
            try check(list.call { rd_kafka_assign(handle.client, $0) })
        }
    }

    private static func list(_ partitions: [(TopicPartition, StartOffset)]) -> PartitionList {
        PartitionList(
            partitions.map { partition, start in
                switch start {
                case .earliest: (partition, Int64(RD_KAFKA_OFFSET_BEGINNING))
                case .at(let offset): (partition, offset)
                }
            })
    }

    /// Stops fetching and drops what was fetched but not polled; the position stays. Right after `assign`, before
    /// the next `poll`, nothing is delivered until `resume`. A pause outlives the assignment.
    public func pause(_ partitions: [TopicPartition]) throws(KafkaError) {
        let list = PartitionList(partitions.map { ($0, -1001) })
        try check(list.call { rd_kafka_pause_partitions(handle.client, $0) })
    }

    /// Only for partitions that are paused: resuming another can rewind it (librdkafka #4686). A broker with nothing
    /// else to fetch from may notice up to a second later.
    public func resume(_ partitions: [TopicPartition]) throws(KafkaError) {
        let list = PartitionList(partitions.map { ($0, -1001) })
        try check(list.call { rd_kafka_resume_partitions(handle.client, $0) })
    }

    /// As `resume`, from the given offsets and at once: a seek wakes the thread that fetches, a resume does not.
    public func resume(_ partitions: [(TopicPartition, StartOffset)]) throws(KafkaError) {
        try resume(partitions.map(\.0))
        if let error = KafkaError.taking(
            Self.list(partitions).call { rd_kafka_seek_partitions(handle.client, $0, 0) })
        {
            throw error
        }
    }

    /// Tells Kafka's own lag tools how far this group is. Weir never reads it back.
    ///
    /// Does nothing in a cooperative group before librdkafka 2.10: a commit that meets a rebalance, which nobody
    /// outside can see coming, costs the whole assignment there (#4059).
    public func reportOffsets(_ offsets: [(TopicPartition, Int64)]) {
        guard rd_kafka_version() >= 0x020a_0000 || !Self.isCooperative(handle.client) else { return }
        _ = PartitionList(offsets).call { rd_kafka_commit(handle.client, $0, 1) }
    }

    /// Leaves the group, delivering the last `.revoked`, and closes the connections. A static member
    /// (`group.instance.id`) stays in the group until it is back or its session is over. A client that does not come
    /// to an end in 10 seconds, its callbacks aside, is left behind.
    public func close() {
        guard !hooks.isClosing else { return }
        hooks.isClosing = true
        // Otherwise librdkafka might wait for the answer for ever.
        if hooks.isAnswerDue { Self.assignNothing(hooks, handle.client) }
        guard let closing = rd_kafka_queue_new(handle.client) else { return }
        defer { rd_kafka_queue_destroy(closing) }
        if let error = rd_kafka_consumer_close_queue(handle.client, closing) {
            return rd_kafka_error_destroy(error)
        }
        // Looks of 10 ms. Leaving the group takes librdkafka 5 s at the most; an offset under way is waited for longer.
        var patience = 1_000
        while rd_kafka_consumer_closed(handle.client) == 0, patience > 0 {
            // Runs the callbacks. Records that were fetched come along, perhaps before them, and cost no time.
            if let record = rd_kafka_consume_queue(closing, 10) {
                rd_kafka_message_destroy(record)
            } else {
                patience -= hooks.dangers.contains(.closing) ? 10 : 1
            }
        }
        if rd_kafka_consumer_closed(handle.client) != 0 {
            hooks.dangers.remove(.closing)
        } else if !hooks.dangers.contains(.closing) {
            hooks.dangers.insert(.waiting)
            hooks.log(4, "CLOSE", "the consumer does not come to an end and is left behind; its session has to run out")
        }
    }

    private func check(_ code: rd_kafka_resp_err_t) throws(KafkaError) {
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(code) }
    }
}
