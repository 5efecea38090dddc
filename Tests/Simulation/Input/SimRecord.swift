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
    /// That its frame names, if it has one.
    let schemaID: Int32?
    private let keyBytes: [UInt8]
    private let payloadBytes: [UInt8]

    init(
        _ id: TopicPartition, topicIdentity: Int, timestamp: Int64, key: [UInt8]?, payload: [UInt8]?,
        content: SimContent, schemaID: Int32?
    ) {
        topic = id.topic
        partition = id.partition
        self.topicIdentity = topicIdentity
        self.timestamp = timestamp
        self.content = content
        self.schemaID = schemaID
        hasKey = key != nil
        hasPayload = payload != nil
        keyBytes = key ?? []
        payloadBytes = payload ?? []
    }

    /// The event's organisation; nil if there is no event in it.
    var organisation: String? { if case .event(let event) = content { event.organisation } else { nil } }

    /// Whether somebody may have to wait until its schema is known.
    var needsNewSchema: Bool { schemaID.map { $0 != InputMaker.schemaID } ?? false }

    var payloadSize: Int { payloadBytes.count }

    /// Whether the copy says the same as this one.
    func isSame(as copy: HeldRecord) -> Bool {
        copy.offset == offset && copy.timestamp == timestamp && copy.hasKey == hasKey && copy.hasPayload == hasPayload
            && copy.key.withUnsafeBytes { $0.elementsEqual(keyBytes) }
            && copy.payload.withUnsafeBytes { $0.elementsEqual(payloadBytes) }
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
