// A process's own memory of its tally over time: what burn rates are made of without a Prometheus.

public import WeirCore

/// Points in three rings, fine for the last hour, coarse for a month: some two thousand in all. It begins with the
/// process, and a window that it does not cover is no data, not good data.
public struct TallySeries: Sendable {
    public enum Window: Sendable, Equatable {
        /// Records committed within the window.
        case covered(RecordTally)
        /// The process has not run for so long: what came since it started, and how long that is.
        case since(TimeSpan, RecordTally)
        /// Nothing is known at all.
        case empty
    }

    private struct Point {
        let time: Int64
        let tally: RecordTally
    }

    private struct Ring {
        /// Microseconds between points.
        let spacing: Int64
        /// Microseconds that it reaches back.
        let reach: Int64
        var points: [Point] = []

        mutating func note(_ point: Point) {
            if let last = points.last, point.time - last.time < spacing { return }
            points.append(point)
            // One that is older than the reach stays: the longest window begins between it and the next.
            if let kept = points.firstIndex(where: { $0.time > point.time - reach }), kept > 1 {
                points.removeFirst(kept - 1)
            }
        }
    }

    private var rings: [Ring]
    private var first: Point?
    private var latest: Point?

    /// - Parameter period: the longest window that will be asked for, besides the usual ones.
    public init(period: TimeSpan) {
        let hour: Int64 = 3_600_000_000
        rings = [
            Ring(spacing: 10_000_000, reach: hour),
            Ring(spacing: 300_000_000, reach: 72 * hour),
            Ring(spacing: max(hour, period.microseconds / 720), reach: max(72 * hour, period.microseconds)),
        ]
    }

    /// - Parameters:
    ///   - tally: since the process started, so never less than before.
    ///   - now: of a clock that only goes forward, in microseconds.
    public mutating func note(_ tally: RecordTally, at now: Int64) {
        let point = Point(time: now, tally: tally)
        if first == nil { first = point }
        latest = point
        for index in rings.indices { rings[index].note(point) }
    }

    /// All from the first point to the latest.
    public var sinceStart: (time: TimeSpan, tally: RecordTally)? {
        guard let first, let latest else { return nil }
        return (TimeSpan(microseconds: latest.time - first.time), latest.tally.since(first.tally))
    }

    /// The window that ends with the latest point. It begins at the last point that is not inside it, so it is longer
    /// than asked for by up to its ring's spacing: ten seconds within the hour.
    public func window(_ span: TimeSpan) -> Window {
        guard let latest, let first else { return .empty }
        let begin = latest.time - span.microseconds
        let ring = rings.first { $0.reach >= span.microseconds } ?? rings[rings.count - 1]
        guard let point = ring.points.last(where: { $0.time <= begin }) else {
            return .since(TimeSpan(microseconds: latest.time - first.time), latest.tally.since(first.tally))
        }
        return .covered(latest.tally.since(point.tally))
    }
}
