// A record on its way to Kafka.

/// What a generator hands to whoever sends it.
public struct OutgoingRecord: Sendable, Equatable {
    public var topic: String
    public var key: [UInt8]?
    public var payload: [UInt8]?

    public init(topic: String, key: [UInt8]?, payload: [UInt8]?) {
        self.topic = topic
        self.key = key
        self.payload = payload
    }
}
