// A record on its way in: from librdkafka's memory, kept by Weir, or made by the simulator.

package import WeirKafka
package import WeirObserve

package protocol IncomingRecord: ~Copyable {
    /// Tells topics apart without comparing names; 0 if it cannot.
    var topicIdentity: Int { get }
    var topic: String { get }
    var partition: Int32 { get }
    var offset: Int64 { get }
    /// Milliseconds since 1970; -1 if there is none.
    var timestamp: Int64 { get }
    var hasKey: Bool { get }
    var key: RawSpan { @_lifetime(borrow self) get }
    var hasPayload: Bool { get }
    var payload: RawSpan { @_lifetime(borrow self) get }
    var headers: [KafkaHeader] { get }
    /// The span that its producer wrote it in; nil if the header is not there or not what it should be.
    var traceparent: TraceContext? { get }
}

extension IncomingRecord where Self: ~Copyable {
    package var traceparent: TraceContext? {
        guard let value = headers.last(where: { $0.name == TraceContext.header })?.value else { return nil }
        return TraceContext(traceparent: value.span.bytes)
    }
}

extension KafkaMessage: IncomingRecord {
    /// Without a copy of the headers.
    package var traceparent: TraceContext? {
        withLastHeader(TraceContext.header) { TraceContext(traceparent: $0) } ?? nil
    }
}

/// A copy that outlives the message it was made from.
package struct HeldRecord: IncomingRecord, Sendable {
    package let topic: String
    package let partition: Int32
    package let offset: Int64
    package let timestamp: Int64
    package let hasKey: Bool
    package let hasPayload: Bool
    private let keyBytes: [UInt8]
    private let payloadBytes: [UInt8]
    package let headers: [KafkaHeader]

    package init(
        topic: String, partition: Int32, offset: Int64, timestamp: Int64, key: [UInt8]?, payload: [UInt8]?,
        headers: [KafkaHeader]
    ) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.timestamp = timestamp
        hasKey = key != nil
        hasPayload = payload != nil
        keyBytes = key ?? []
        payloadBytes = payload ?? []
        self.headers = headers
    }

    init(_ record: borrowing some IncomingRecord & ~Copyable) {
        self.init(
            topic: record.topic, partition: record.partition, offset: record.offset, timestamp: record.timestamp,
            key: record.hasKey ? record.key.copy() : nil, payload: record.hasPayload ? record.payload.copy() : nil,
            headers: record.headers)
    }

    package var topicIdentity: Int { 0 }

    package var key: RawSpan {
        @_lifetime(borrow self)
        get { keyBytes.span.bytes }
    }

    package var payload: RawSpan {
        @_lifetime(borrow self)
        get { payloadBytes.span.bytes }
    }
}

extension RawSpan {
    /// The bytes as an array, for what has to outlive the message.
    func copy() -> [UInt8] { withUnsafeBytes { Array($0) } }
}
