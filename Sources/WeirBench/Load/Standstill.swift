// A time that a partition's position did not move although it should have.

/// From the moment when the next record was due, or the position moved last if that was later, to its next move.
/// Seconds since the start of the run.
public struct Standstill: Codable, Sendable, Equatable {
    public var topic: String
    public var partition: Int32
    public var from: Double
    public var until: Double

    /// Shorter ones are not told apart from ordinary commits, in nanoseconds.
    static let least: Int64 = 1_000_000_000

    public init(topic: String, partition: Int32, from: Double, until: Double) {
        self.topic = topic
        self.partition = partition
        self.from = from
        self.until = until
    }
}
