// One consumed record, in librdkafka's memory until the value goes away.

internal import CRdkafka

/// A record or an error event of the consumer. Payload and key are borrowed, never copied.
public struct KafkaMessage: ~Copyable {
    private let message: UnsafeMutablePointer<rd_kafka_message_t>

    init(_ message: UnsafeMutablePointer<rd_kafka_message_t>) { self.message = message }

    deinit { rd_kafka_message_destroy(message) }

    /// Set if this is not a record but an error that the consumer met.
    public var error: KafkaError? {
        guard message.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        let text = rd_kafka_message_errstr(message).map { String(cString: $0) }
        return KafkaError(message.pointee.err, text)
    }

    /// True for a record, false for an error event.
    @inline(__always)
    public var isRecord: Bool { message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR }

    /// Tells topics apart without comparing names; valid while the consumer lives.
    @inline(__always)
    public var topicIdentity: Int { Int(bitPattern: message.pointee.rkt) }

    public var topic: String { message.pointee.rkt.map { String(cString: rd_kafka_topic_name($0)) } ?? "" }

    @inline(__always)
    public var partition: Int32 { message.pointee.partition }

    @inline(__always)
    public var offset: Int64 { message.pointee.offset }

    public var payload: RawSpan {
        @_lifetime(borrow self)
        get {
            let bytes = UnsafeRawBufferPointer(start: message.pointee.payload, count: message.pointee.len)
            return _overrideLifetime(bytes.bytes, borrowing: self)
        }
    }

    public var key: RawSpan {
        @_lifetime(borrow self)
        get {
            let bytes = UnsafeRawBufferPointer(start: message.pointee.key, count: message.pointee.key_len)
            return _overrideLifetime(bytes.bytes, borrowing: self)
        }
    }

    public var hasPayload: Bool { message.pointee.payload != nil }
    public var hasKey: Bool { message.pointee.key != nil }

    /// Kafka timestamp in milliseconds since 1970; -1 if the record has none.
    @inline(__always)
    public var timestamp: Int64 {
        var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        return rd_kafka_message_timestamp(message, &kind)
    }

    /// Lends the value of the last header of that name; nil if there is none, or none with a value.
    public func withLastHeader<Result>(_ name: String, _ body: (RawSpan) -> Result) -> Result? {
        var list: OpaquePointer?
        guard rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list else { return nil }
        var value: UnsafeRawPointer?
        var size = 0
        guard rd_kafka_header_get_last(list, name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR, let value else {
            return nil
        }
        return body(UnsafeRawBufferPointer(start: value, count: size).bytes)
    }

    /// Headers in order; names may repeat.
    public var headers: [KafkaHeader] {
        var list: OpaquePointer?
        guard rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list else { return [] }
        var headers: [KafkaHeader] = []
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        while rd_kafka_header_get_all(list, headers.count, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR {
            headers.append(
                KafkaHeader(
                    name: name.map { String(cString: $0) } ?? "",
                    value: value.map { Array(UnsafeRawBufferPointer(start: $0, count: size)) }))
        }
        return headers
    }
}

public struct KafkaHeader: Sendable, Equatable {
    public var name: String
    /// Nil and empty are different in Kafka.
    public var value: [UInt8]?

    public init(name: String, value: [UInt8]?) {
        self.name = name
        self.value = value
    }

    public init(_ name: String, _ value: String) { self.init(name: name, value: Array(value.utf8)) }
}
