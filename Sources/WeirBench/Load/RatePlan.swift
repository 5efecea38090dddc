// When events are to arrive: a course of rates, and the moments that follow from it.

internal import Foundation

/// A course of arrivals, fixed before the first is sent. Rates are in events a second, times in seconds.
public struct RatePlan: Sendable, Equatable {
    public enum Shape: Sendable, Equatable {
        /// Evenly spaced.
        case constant
        /// Independent of each other: gaps are exponentially distributed.
        case poisson
        /// `peak` for `length` at the end of each `every`, `rate` otherwise.
        case bursts(peak: Double, every: Double, length: Double)
        /// A day in `period`: from `rate * (1 - swing)` up to `rate * (1 + swing)` and back.
        case diurnal(swing: Double, period: Double)
        /// At these nanoseconds, again and again.
        case trace([Int64])
    }

    public var shape: Shape
    /// Between bursts, the rate there; of every other shape, the mean.
    public var rate: Double

    public init(_ shape: Shape, rate: Double) {
        self.shape = shape
        self.rate = rate
    }

    /// A trace's times, each a `speed`th of what it is, with its own mean rate.
    public static func replay(_ trace: Trace, speed: Double) -> RatePlan? {
        let rows = trace.rows.map(\.time).sorted()
        guard let first = rows.first, let last = rows.last, last > first else { return nil }
        let times = rows.map { Int64(Double($0 - first) * 1000 / speed) }
        return RatePlan(.trace(times), rate: Double(rows.count) / (Double(last - first) / 1e6 / speed))
    }

    /// Over whole rounds of bursts, days, or the trace.
    public var mean: Double {
        guard case .bursts(let peak, let every, let length) = shape else { return rate }
        return (rate * (every - length) + peak * length) / every
    }

    /// The same course with another mean rate; nil for a trace, which has its own.
    public func scaled(to mean: Double) -> RatePlan? {
        var plan = self
        plan.rate = rate * mean / self.mean
        switch shape {
        case .trace: return nil
        case .bursts(let peak, let every, let length):
            plan.shape = .bursts(peak: peak * mean / self.mean, every: every, length: length)
        case .constant, .poisson, .diurnal: break
        }
        return plan
    }

    /// The highest rate that is held for a while.
    public var peak: Double {
        switch shape {
        case .constant, .poisson, .trace: rate
        case .bursts(let peak, _, _): max(rate, peak)
        case .diurnal(let swing, _): rate * (1 + swing)
        }
    }

    /// The moment after `time` by which one more event has come.
    fileprivate func moment(after time: Double) -> Double {
        switch shape {
        case .constant, .poisson, .trace: return time + 1 / rate
        case .diurnal(let swing, let period): return time + 1 / (rate * (1 - swing * cos(2 * .pi * time / period)))
        case .bursts(let peak, let every, let length):
            var moment = time
            var rest = 1.0
            while true {
                let lap = (moment / every).rounded(.down)
                let burst = lap * every + every - length
                let isBurst = moment >= burst
                let (current, end) = isBurst ? (peak, (lap + 1) * every) : (rate, burst)
                guard (end - moment) * current < rest else { return moment + rest / current }
                rest -= (end - moment) * current
                // A boundary that rounding puts before itself would be met for ever.
                moment = end > moment ? end : moment.nextUp
            }
        }
    }
}

/// The moments of a plan, in nanoseconds since its start, one by one.
public struct Arrivals: Sendable {
    private let plan: RatePlan
    private let end: Int64
    private var random: SeededRandom
    private var number = 0
    private var time = 0.0

    /// - Parameter end: nothing arrives from here on; nanoseconds.
    public init(_ plan: RatePlan, seed: UInt64, end: Int64) {
        self.plan = plan
        self.end = end
        random = SeededRandom(seed: SeededRandom.mix(seed) ^ 0xA881)
    }

    public mutating func next() -> Int64? {
        let moment: Int64
        switch plan.shape {
        case .constant:
            // Not a sum of gaps, which would drift.
            moment = Int64((Double(number) / plan.rate * 1e9).rounded())
        case .poisson:
            time -= log(1 - random.unit()) / plan.rate
            moment = Int64(time * 1e9)
        case .bursts, .diurnal:
            moment = Int64(time * 1e9)
            time = plan.moment(after: time)
        case .trace(let times):
            let lap = times[times.count - 1] + max(1, times[times.count - 1] / Int64(times.count))
            moment = times[number % times.count] + Int64(number / times.count) * lap
        }
        number += 1
        return moment < end ? moment : nil
    }
}
