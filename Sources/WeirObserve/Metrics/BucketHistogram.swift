// How often values fell between fixed bounds, for what is measured at the edges of a process.

/// Smaller than a `LagHistogram`, and with bounds of its own.
public struct BucketHistogram: Sendable, Equatable {
    /// Seconds, for what waits for others: 1, 2 and 5 of every power of ten from 100 µs to 100 s.
    package static let seconds: [Double] = [
        0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100,
    ]
    /// Powers of ten, for what nobody names the unit of.
    package static let decades: [Double] = [0.001, 0.01, 0.1, 1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]

    /// Upper ends of the buckets, included in them.
    package let bounds: [Double]
    /// By bucket, and one more for what is above the last bound.
    package private(set) var counts: [UInt64]
    package private(set) var sum = 0.0

    /// - Parameter bounds: rising.
    package init(bounds: [Double]) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    /// - Parameter value: a number; what is none belongs into no bucket.
    package mutating func record(_ value: Double) {
        guard value.isFinite else { return }
        counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
        sum += value
    }

    package var count: UInt64 { counts.reduce(0, +) }
}
