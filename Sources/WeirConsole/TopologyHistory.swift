// What a topology did in the last half hour, for lines over time and for rates.

package import WeirObserve

/// Kept by the process, so that somebody who comes during an outage sees how it began.
package struct TopologyHistory: Sendable {
    /// What happened in one step of time.
    package struct Point: Sendable, Equatable {
        /// Its end, microseconds since 1970.
        package let time: Int64
        /// From Kafka timestamp to commit, microseconds; nil if nothing was committed.
        package let p50: UInt64?
        package let p99: UInt64?
        /// Age of the oldest record at the end, microseconds; nil if no partition was held.
        package let oldest: Int64?
        /// Records a second whose fate was decided.
        package let records: Double
    }

    /// Counts at one moment, of which rates are made.
    private struct Mark {
        let time: Int64
        let flow: FlowCounts
    }

    package private(set) var points: [Point] = []
    private var marks: [Mark]
    private var last: (time: Int64, lag: LagHistogram, records: Int64)

    /// Microseconds of a point, and how many there are at the most.
    package static let step: Int64 = 5_000_000
    package static let most = 360
    /// Microseconds that rates are taken over.
    private static let rateSpan: Int64 = 5_000_000

    /// What was counted between `begin` and the first look belongs to that time: it is neither lost nor crowded into the
    /// first point.
    ///
    /// - Parameter begin: a moment when nothing was counted yet, on the monotonic clock.
    package init(since begin: Int64) {
        marks = [Mark(time: begin, flow: FlowCounts())]
        last = (begin, LagHistogram(), 0)
    }

    /// Looks often enough if called once a step; calls in between make rates livelier.
    ///
    /// - Parameters:
    ///   - now: microseconds since 1970.
    ///   - monotonic: of a clock that only goes forward.
    package mutating func note(_ status: TopologyStatus, now: Int64, monotonic: Int64) {
        let flow = FlowCounts(status)
        marks.append(Mark(time: monotonic, flow: flow))
        while marks.count > 2, marks[1].time <= monotonic - Self.rateSpan { marks.removeFirst() }
        let lag = status.partitions.reduce(into: LagHistogram()) { $0.add($1.lag.arrival) }
        // A tick that comes a little early is as good.
        guard monotonic - last.time >= Self.step - 200_000 else { return }
        let new = lag.since(last.lag)
        points.append(
            Point(
                time: now, p50: new.quantile(0.5), p99: new.quantile(0.99), oldest: status.oldestAge(at: now),
                records: Double(flow.records - last.records) / (Double(monotonic - last.time) / 1_000_000)))
        if points.count > Self.most { points.removeFirst(points.count - Self.most) }
        last = (monotonic, lag, flow.records)
    }

    /// Nil before the first look.
    package var rates: FlowRates? {
        guard let first = marks.first, let last = marks.last, last.time > first.time else { return nil }
        return FlowRates(from: first.flow, to: last.flow, seconds: Double(last.time - first.time) / 1_000_000)
    }
}
