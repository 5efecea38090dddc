// How large a batch may grow, learnt from how long the last ones took.

/// Batches are whatever has arrived since the last commit began, so they adapt by themselves; this is
/// the bound of all that is open. When PostgreSQL needs longer than `target` for a batch the bound is halved (a batch that no
/// statement time-out lets through would never end), and it grows back by a quarter with every quick one.
package struct BatchLimit: Sendable, Equatable {
    package let most: Int
    package private(set) var records: Int

    /// Microseconds.
    package static let target: Int64 = 2_000_000
    package static let least = 64

    package init(most: Int) {
        self.most = most
        records = most
    }

    /// - Parameter size: records that were open when the batch was handed over.
    package mutating func committed(records size: Int, in time: Int64) {
        if time > Self.target {
            records = max(min(Self.least, most), min(records, size) / 2)
        } else if size >= records / 2 {
            records = min(most, records + records / 4 + 1)
        }
    }

    /// A time-out: the batch is too much for the database as it is now.
    package mutating func timedOut(records size: Int) { committed(records: size, in: .max) }
}
