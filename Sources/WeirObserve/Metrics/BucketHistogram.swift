// How often values fell between fixed bounds, for what is measured at the edges of a process.

/// Smaller than a `LagHistogram`, and with bounds of its own.
public struct BucketHistogram: Sendable, Equatable {
    package enum Scale: Sendable, CaseIterable {
        /// Seconds, for what waits for others: 1, 2 and 5 of every power of ten from 100 µs to 100 s.
        case seconds
        /// Powers of ten, for what nobody names the unit of.
        case decades

        /// Upper ends of the buckets, included in them.
        package var bounds: [Double] { self == .seconds ? Self.secondsBounds : Self.decadesBounds }

        private static let secondsBounds = [
            0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100,
        ]
        private static let decadesBounds = [0.001, 0.01, 0.1, 1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]
    }

    package let scale: Scale
    /// By bucket, and one more for what is above the last bound.
    package private(set) var counts: [UInt64]
    package private(set) var sum = 0.0

    package init(_ scale: Scale) {
        self.scale = scale
        counts = Array(repeating: 0, count: scale.bounds.count + 1)
    }

    /// - Parameter value: a number; what is none belongs into no bucket.
    package mutating func record(_ value: Double) {
        guard value.isFinite else { return }
        let bounds = scale.bounds
        counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
        sum += value
    }

    package var count: UInt64 { counts.reduce(0, +) }
}
