// Whether partitions of other processes move, as far as that shows from here.

package import WeirObserve

/// PostgreSQL says which offset each has committed, a broker how long its log is. One whose log grew while its offset stood
/// stands still: its owner is frozen, cut off or slow, and this process's figures say nothing of it.
///
/// A log that does not grow proves nothing: what follows the offset may be markers of transactions.
package struct OtherPartitions: Sendable {
    package struct Place: Hashable, Sendable {
        let topic: String
        let partition: Int32

        package init(_ topic: String, _ partition: Int32) {
            self.topic = topic
            self.partition = partition
        }
    }

    /// Since the offset was first seen where it is. Times are microseconds of two clocks: `since` of the wall's, as looks at
    /// logs are; `grewAt` of the monotonic one.
    private struct Watch {
        let committed: Int64
        let since: Int64
        /// At the first look after that.
        var end: Int64?
        var grewAt: Int64?
    }

    private var watches: [Place: Watch] = [:]
    /// Whose answer was taken last.
    private var answeredAt: Int64?
    private var now: Int64 = 0

    /// Microseconds that a record may wait before its partition is told of: longer than an owner takes that works.
    private static let patience: Int64 = 2_000_000

    package init() {}

    /// - Parameters:
    ///   - rows: of weir.partition, and when they were read.
    ///   - ends: where logs end.
    ///   - monotonic: of a clock that only goes forward.
    package mutating func note(
        _ rows: DatabaseAnswer<[DatabaseAnswers.Partition]>, ends: [LogEnd], monotonic: Int64
    ) {
        // Of old rows nobody knows whether they are still so.
        guard rows.problem == nil, let list = rows.value, let at = rows.at else {
            self = OtherPartitions()
            return
        }
        now = monotonic
        if answeredAt != at {
            answeredAt = at
            let before = watches
            watches = [:]
            for row in list {
                guard let committed = row.committed else { continue }
                let place = Place(row.topic, row.partition)
                let known = before[place]
                watches[place] = known?.committed == committed ? known : Watch(committed: committed, since: at)
            }
        }
        for end in ends {
            let place = Place(end.topic, end.partition)
            guard var watch = watches[place], end.askedAt > watch.since else { continue }
            if watch.end == nil { watch.end = end.end }
            if watch.grewAt == nil, let first = watch.end, end.end > first { watch.grewAt = monotonic }
            watches[place] = watch
        }
    }

    /// Microseconds for which records have come and the offset stands; nil if that is not known to be so.
    package func stands(_ place: Place) -> Int64? {
        guard let grewAt = watches[place]?.grewAt, now - grewAt >= Self.patience else { return nil }
        return now - grewAt
    }
}
