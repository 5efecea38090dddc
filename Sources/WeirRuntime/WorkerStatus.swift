// What a worker tells others about itself: counts, lag and what it is doing.

public import Histogram
internal import Synchronization

/// Written by one worker after each commit, read by anybody.
public final class WorkerStatus: Sendable {
    public struct Snapshot: Sendable {
        public var counted: Int64 = 0
        public var duplicates: Int64 = 0
        public var conflicts: Int64 = 0
        public var deadLetters: Int64 = 0
        public var late: Int64 = 0
        /// Sent to an overflow topic for a quota.
        public var diverted: Int64 = 0
        /// Usage rows written.
        public var windows: Int64 = 0
        public var commits: Int64 = 0
        public var published: Int64 = 0
        public var partitions = 0
        public var rememberedKeys: Int64 = 0
        /// Times that the worker found itself stalled and joined its group anew.
        public var stalls = 0
        /// Partitions by what hinders them; the rest are read.
        public var restoring = 0
        public var paused = 0
        public var stopped = 0
        /// Partitions that stand still because nobody knows the schema of their next record yet.
        public var asking = 0
        /// Records in weir.parked: over a quota, or of an unknown schema id.
        public var waiting = 0
        /// Keys read back of partitions being restored, and how many there are.
        public var restoredKeys = 0
        public var keysToRestore = 0
        /// From the record's Kafka timestamp to its commit, in microseconds, since the last `takeLag`.
        public var lag = WorkerStatus.emptyLag()
        /// Records whose timestamp lies after their commit: a producer's clock is ahead. Their lag counts as 0.
        public var negativeLag: Int64 = 0
    }

    private let state = Mutex(Snapshot())

    public init() {}

    /// One microsecond to an hour in two digits.
    public static func emptyLag() -> Histogram<UInt32> {
        Histogram(highestTrackableValue: 3_600_000_000, numberOfSignificantValueDigits: .two)
    }

    public func read() -> Snapshot { state.withLock { $0 } }

    /// Reads, and starts a new lag histogram.
    public func takeLag() -> Snapshot {
        state.withLock { state in
            let snapshot = state
            state.lag.reset()
            return snapshot
        }
    }

    func update(_ body: (inout Snapshot) -> Void) {
        state.withLock { body(&$0) }
    }
}
