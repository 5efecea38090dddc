// Publishes messages and reports each one's fate.

internal import CRdkafka

/// The fate of one message.
public struct Delivery {
    /// The number given to `send`.
    public let ticket: Int
    public let error: KafkaError?
    public let topic: String
    public let partition: Int32
    public let offset: Int64
}

/// An idempotent producer (`acks=all`, order kept) used by one thread.
public final class KafkaProducer {
    private let handle: KafkaHandle
    private let queue: OpaquePointer

    /// - Parameter waker: told when delivery reports arrive; nil if the owner polls with a timeout.
    public init(
        _ settings: KafkaSettings, waker: Waker, log: @escaping @Sendable (Int, String, String) -> Void
    ) throws(KafkaError) {
        handle = try KafkaHandle(
            RD_KAFKA_PRODUCER, settings, hooks: KafkaHooks(log: log), events: Int32(RD_KAFKA_EVENT_DR))
        queue = rd_kafka_queue_get_main(handle.client)
        waker.watch(queue)
    }

    deinit {
        // The waker's pipe may go before librdkafka's threads do.
        rd_kafka_queue_io_event_enable(queue, -1, nil, 0)
        rd_kafka_queue_destroy(queue)
    }

    /// Queues a message. Returns false when librdkafka's queue is full: poll deliveries and try again.
    ///
    /// - Parameters:
    ///   - partition: nil leaves it to the key's hash.
    ///   - timestamp: milliseconds since 1970; nil is now.
    ///   - ticket: comes back in the `Delivery`.
    public func send(
        topic: String, partition: Int32? = nil, key: [UInt8]?, payload: [UInt8]?, headers: [KafkaHeader] = [],
        timestamp: Int64? = nil, ticket: Int = 0
    ) throws(KafkaError) -> Bool {
        var list: OpaquePointer?
        if !headers.isEmpty {
            list = rd_kafka_headers_new(headers.count)
            for header in headers {
                _ = header.value.withUnsafePointer { value, size in
                    rd_kafka_header_add(list, header.name, -1, value, size)
                }
            }
        }
        let error = topic.withCString { topic in
            key.withUnsafePointer { key, keySize in
                payload.withUnsafePointer { payload, payloadSize in
                    withUnsafeTemporaryAllocation(of: rd_kafka_vu_t.self, capacity: 8) { parts in
                        var count = 0
                        func add(_ type: rd_kafka_vtype_t, _ fill: (inout rd_kafka_vu_t) -> Void) {
                            var part = rd_kafka_vu_t()
                            part.vtype = type
                            fill(&part)
                            parts.initializeElement(at: count, to: part)
                            count += 1
                        }
                        add(RD_KAFKA_VTYPE_TOPIC) { $0.u.cstr = topic }
                        add(RD_KAFKA_VTYPE_KEY) {
                            $0.u.mem.ptr = UnsafeMutableRawPointer(mutating: key)
                            $0.u.mem.size = keySize
                        }
                        add(RD_KAFKA_VTYPE_VALUE) {
                            $0.u.mem.ptr = UnsafeMutableRawPointer(mutating: payload)
                            $0.u.mem.size = payloadSize
                        }
                        add(RD_KAFKA_VTYPE_MSGFLAGS) { $0.u.i = Int32(RD_KAFKA_MSG_F_COPY) }
                        if let partition { add(RD_KAFKA_VTYPE_PARTITION) { $0.u.i32 = partition } }
                        if let timestamp { add(RD_KAFKA_VTYPE_TIMESTAMP) { $0.u.i64 = timestamp } }
                        add(RD_KAFKA_VTYPE_OPAQUE) { $0.u.ptr = UnsafeMutableRawPointer(bitPattern: ticket) }
                        if let list { add(RD_KAFKA_VTYPE_HEADERS) { $0.u.headers = list } }
                        return rd_kafka_produceva(handle.client, parts.baseAddress, count)
                    }
                }
            }
        }
        guard let error = KafkaError.taking(error) else { return true }
        // librdkafka owns the headers only of a message that it took.
        if let list { rd_kafka_headers_destroy(list) }
        if error.name == "_QUEUE_FULL" { return false }
        throw error
    }

    /// Hands over the delivery reports that have come in, waiting up to `milliseconds` for the first.
    public func pollDeliveries(milliseconds: Int32, _ body: (Delivery) -> Void) {
        var wait = milliseconds
        while let event = rd_kafka_queue_poll(queue, wait) {
            wait = 0
            while let message = rd_kafka_event_message_next(event) {
                let failed = message.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR
                body(
                    Delivery(
                        ticket: Int(bitPattern: message.pointee._private),
                        error: failed ? KafkaError(message.pointee.err) : nil,
                        topic: failed ? String(cString: rd_kafka_topic_name(message.pointee.rkt)) : "",
                        partition: message.pointee.partition, offset: message.pointee.offset))
            }
            rd_kafka_event_destroy(event)
        }
    }

    /// Asks where the topics' partitions are. librdkafka asks for a topic that it meets in a message within a second, and
    /// all that is sent meanwhile waits.
    public func meet(_ topics: [String], milliseconds: Int32 = 10_000) throws(KafkaError) {
        for topic in topics {
            guard let reference = rd_kafka_topic_new(handle.client, topic, nil) else {
                throw KafkaError(rd_kafka_last_error())
            }
            defer { rd_kafka_topic_destroy(reference) }
            var metadata: UnsafePointer<rd_kafka_metadata>?
            let code = rd_kafka_metadata(handle.client, 0, reference, &metadata, milliseconds)
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
            if let metadata { rd_kafka_metadata_destroy(metadata) }
        }
    }

    /// Messages queued or in flight, and delivery reports not yet polled.
    public var pending: Int { Int(rd_kafka_outq_len(handle.client)) }
}

extension [UInt8]? {
    /// Nil stays nil; an empty array becomes a pointer to something, because Kafka tells the two apart.
    func withUnsafePointer<Result>(_ body: (UnsafeRawPointer?, Int) -> Result) -> Result {
        guard let self else { return body(nil, 0) }
        guard !self.isEmpty else { return "".withCString { body($0, 0) } }
        return self.withUnsafeBytes { body($0.baseAddress, $0.count) }
    }
}
