// Whoever knows how far a system under test is, asked from outside of it.

public import WeirKafka

/// The first offset of each partition whose effect is not there yet. Used by one thread.
public protocol PositionSource {
    func positions() throws -> [TopicPartition: Int64]
}

/// Opens a source; called on the thread that will use it, again whenever the source fails.
public typealias PositionSourceOpener = @Sendable () throws -> any PositionSource

/// Committed offsets of a consumer group, whoever its members are.
public struct GroupPositions: PositionSource {
    private let offsets: KafkaGroupOffsets
    private let partitions: [TopicPartition]

    public init(group: String, settings: KafkaSettings, partitions: [TopicPartition]) throws {
        offsets = try KafkaGroupOffsets(group: group, settings: settings)
        self.partitions = partitions
    }

    public func positions() throws -> [TopicPartition: Int64] { try offsets.committed(partitions) }
}
