// Puts delivered records and seen positions together: the lag of every single record, from its intended time.

public import Histogram
public import WeirKafka

/// A record that the broker has. Times are nanoseconds since the run's start.
package struct DeliveryNote: Sendable {
    var intended: Int64
    /// Place of the partition in `LagBook.partitions`.
    var partition: Int
    var offset: Int64
    /// `Visibility.stamp` of the organisation whose result is to come of it; 0 if none is.
    var owner: UInt64

    package init(intended: Int64, partition: Int, offset: Int64, owner: UInt64 = 0) {
        self.intended = intended
        self.partition = partition
        self.offset = offset
        self.owner = owner
    }
}

/// Lags in nanoseconds, of the records whose intended time is in the window.
public struct LagBook: Sendable {
    /// One stretch of the run. Records belong to it by intended time, commits by the moment they were seen.
    public struct Stretch: Sendable {
        public var delivered = 0
        public var seen = 0
        public var lags = Histogram<UInt64>(numberOfSignificantValueDigits: .two)
    }

    public let window: Range<Int64>
    /// Length of a stretch.
    public let width: Int64
    public private(set) var lags = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
    /// Lags below zero, which cannot be; in no histogram.
    public private(set) var negative = 0
    /// Positions that went back.
    public private(set) var rewinds = 0
    /// From the start of the run, its warm-up included.
    public private(set) var stretches: [Stretch] = []
    /// Of all records, those of the warm-up included.
    public private(set) var settled = 0
    /// Of those due in the window.
    public private(set) var settledInWindow = 0
    /// Of those due at any time, the ones whose effect was seen in the window.
    public private(set) var seenInWindow = 0
    public let partitions: [TopicPartition]
    /// Those of a second or more, in the order of their ends.
    public private(set) var standstills: [Standstill] = []
    private var states: [PartitionLag]

    /// - Parameter starts: each partition with the offset of its first record to come.
    public init(starts: [(partition: TopicPartition, offset: Int64)], window: Range<Int64>) {
        self.window = window
        // A series of any length stays a picture of up to ten minutes.
        width = max(1_000_000_000, window.upperBound / 600)
        partitions = starts.map(\.partition)
        states = starts.map { PartitionLag(start: $0.offset) }
    }

    public var unclaimed: Int { states.reduce(0) { $0 + $1.unclaimed } }
    /// Times that a partition's position moved.
    public var advances: Int { states.reduce(0) { $0 + $1.advances } }
    public var tooLate: Int { states.reduce(0) { $0 + $1.tooLate } }
    /// Delivered and not seen, in the partition that has most of them.
    public var mostOpen: Int { fullest?.open ?? 0 }
    /// The intended time of the first of those.
    public var oldestOfMost: Int64? { fullest?.oldestOpen }
    private var fullest: PartitionLag? { states.max { $0.open < $1.open } }
    public var open: Int { states.reduce(0) { $0 + $1.open } }

    package mutating func take(_ notes: [DeliveryNote]) {
        for note in notes {
            withStretch(at: note.intended) { $0.delivered += 1 }
            states[note.partition].deliver(offset: note.offset, intended: note.intended)
        }
    }

    package mutating func look(_ positions: [TopicPartition: Int64], at seen: Int64, isFinal: Bool = false) {
        for (index, partition) in partitions.enumerated() {
            if let position = positions[partition], !states[index].look(position, seen: seen) { rewinds += 1 }
            var settled: [(intended: Int64, seen: Int64)] = []
            let still = states[index].settle(isFinal: isFinal) { settled.append(($0, $1)) }
            for record in settled { self.record(record.intended, record.seen) }
            for time in still {
                standstills.append(
                    Standstill(
                        topic: partition.topic, partition: partition.partition,
                        from: Double(time.lowerBound) / 1e9, until: Double(time.upperBound) / 1e9))
            }
        }
    }

    private mutating func record(_ intended: Int64, _ seen: Int64) {
        settled += 1
        if window.contains(intended) { settledInWindow += 1 }
        if window.contains(seen) { seenInWindow += 1 }
        let lag = seen - intended
        withStretch(at: seen) { $0.seen += 1 }
        guard lag >= 0 else {
            negative += 1
            return
        }
        withStretch(at: intended) { $0.lags.record(UInt64(lag)) }
        if window.contains(intended) { lags.record(UInt64(lag)) }
    }

    private mutating func withStretch(at time: Int64, _ body: (inout Stretch) -> Void) {
        let index = Int(max(0, time) / width)
        while stretches.count <= index { stretches.append(Stretch()) }
        body(&stretches[index])
    }
}
