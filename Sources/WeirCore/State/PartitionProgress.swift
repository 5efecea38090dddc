// How far one partition got within a batch, and what became of its records.

/// The part of a batch that moves one partition's offset.
public struct PartitionProgress: Sendable {
    /// Number of the partition in its worker.
    public let partition: Int
    /// First offset that is not committed yet; nil if nothing of the partition ever was.
    public let fromOffset: Int64?
    /// First offset after this batch.
    public var nextOffset: Int64
    public var counted: Int64 = 0
    public var duplicates: Int64 = 0
    public var conflicts: Int64 = 0
    public var deadLetters: Int64 = 0
    public var late: Int64 = 0
    public var skipped: Int64 = 0
    /// Put aside in this batch, less those fetched again.
    public var parked: Int64 = 0
    public var diverted: Int64 = 0
    /// Keys first seen in this batch, to be stored with it.
    public var newKeys: ContiguousArray<SeenKey> = []

    public init(partition: Int, fromOffset: Int64?, nextOffset: Int64) {
        self.partition = partition
        self.fromOffset = fromOffset
        self.nextOffset = nextOffset
    }

    /// The record before this offset is done. One that was put aside lies behind it already.
    @inline(__always)
    public mutating func reach(_ offset: Int64) {
        if offset > nextOffset { nextOffset = offset }
    }

    public var records: Int64 { counted + duplicates + conflicts + deadLetters }
}
