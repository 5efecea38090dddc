// How large a batch may grow, learnt from how long the last ones took.

/// Batches are whatever has arrived since the last turn, so they adapt by themselves; this is the bound of all that is
/// open. When PostgreSQL needs longer than `target` for as much as that the bound is halved (a batch that no statement
/// time-out lets through would never end), and it grows back by a quarter with every quick one.
package struct BatchLimit: Sendable, Equatable {
    package let most: Int
    package private(set) var records: Int
    /// When it was halved last, on the monotonic clock. What was open then says nothing about the new bound.
    private var halvedAt = Int64.min

    /// Microseconds.
    package static let target: Int64 = 2_000_000
    package static let least = 64

    package init(most: Int) {
        self.most = most
        records = most
    }

    /// - Parameters:
    ///   - size: records that were open when the batch was handed over.
    ///   - time: microseconds that all batches which were open then take at this one's pace.
    ///   - openedAt: when the batch was; on the monotonic clock, as `now`.
    package mutating func committed(records size: Int, in time: Int64, openedAt: Int64, at now: Int64) {
        if time > Self.target {
            guard openedAt >= halvedAt else { return }
            records = max(min(Self.least, most), min(records, size) / 2)
            halvedAt = now
        } else if size >= records / 2 {
            records = min(most, records + records / 4 + 1)
        }
    }

    /// A time-out: the batch is too much for the database as it is now. What is open is read again.
    package mutating func timedOut(records size: Int, at now: Int64) {
        committed(records: size, in: .max, openedAt: now, at: now)
    }
}
