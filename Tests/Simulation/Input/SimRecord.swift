// A record as it stands in the simulated log.

import WeirKafka
import WeirRuntime

struct SimRecord: IncomingRecord {
    let topicIdentity: Int
    let topic: String
    let partition: Int32
    var offset: Int64 = 0
    let timestamp: Int64
    let hasKey: Bool
    let hasPayload: Bool
    let content: SimContent
    private let keyBytes: [UInt8]
    private let payloadBytes: [UInt8]

    init(
        _ id: TopicPartition, topicIdentity: Int, timestamp: Int64, key: [UInt8]?, payload: [UInt8]?,
        content: SimContent
    ) {
        topic = id.topic
        partition = id.partition
        self.topicIdentity = topicIdentity
        self.timestamp = timestamp
        self.content = content
        hasKey = key != nil
        hasPayload = payload != nil
        keyBytes = key ?? []
        payloadBytes = payload ?? []
    }

    var headers: [KafkaHeader] { [] }

    var key: RawSpan {
        @_lifetime(borrow self)
        get { keyBytes.span.bytes }
    }

    var payload: RawSpan {
        @_lifetime(borrow self)
        get { payloadBytes.span.bytes }
    }
}
