// Whether something grows: the line of least squares, and how sure it is.

public struct Trend: Sendable, Equatable {
    /// Of y per unit of x.
    public let slope: Double
    /// Standard error of the slope.
    public let error: Double
    /// From the first x to the last.
    public let length: Double

    /// Nil for fewer than three points.
    public init?(_ points: [(x: Double, y: Double)]) {
        guard points.count > 2 else { return nil }
        let count = Double(points.count)
        let meanX = points.reduce(0) { $0 + $1.x } / count
        let meanY = points.reduce(0) { $0 + $1.y } / count
        let spread = points.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
        guard spread > 0 else { return nil }
        let slope = points.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) } / spread
        let rest = points.reduce(0) { sum, point in
            let difference = point.y - meanY - slope * (point.x - meanX)
            return sum + difference * difference
        }
        self.slope = slope
        error = (rest / (count - 2) / spread).squareRoot()
        length = (points.map(\.x).max() ?? 0) - (points.map(\.x).min() ?? 0)
    }

    /// How much it rises from beginning to end.
    public var rise: Double { slope * length }

    /// It rises by more than so much, and not by chance: by more than twice the slope's standard error.
    public func rises(by amount: Double) -> Bool { rise > amount && slope > 2 * error }
}

extension LoadMeasurement {
    /// Of the median lag in milliseconds over the seconds that count; nil if there are too few.
    public var lagTrend: Trend? {
        Trend(
            stretches.filter { $0.from >= warmup && $0.from + $0.seconds <= warmup + duration + 1e-6 }
                .compactMap { stretch in stretch.p50.map { (stretch.from, $0) } })
    }
}
