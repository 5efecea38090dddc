// What is known of the lag of committed records, of one partition or of many.

/// Since the process started; grows only.
public struct LagTotals: Sendable, Equatable {
    /// From a record's Kafka timestamp to its commit.
    public private(set) var arrival = LagHistogram()
    /// From the time that a record names itself to its commit; of metered records only, others have no such time.
    public private(set) var event = LagHistogram()
    /// Records against the objective's line.
    public private(set) var tally = RecordTally()
    /// Of `arrival`.
    public private(set) var exemplars = LagExemplars()
    /// Of the late ones those whose Kafka timestamp is missing or lies ahead by more than the line: nobody knows how
    /// late they are, and that is not good news.
    public private(set) var unmeasured: UInt64 = 0

    public init() {}

    /// Takes in records that were committed, by their Kafka timestamps.
    ///
    /// - Parameters:
    ///   - now: when their commit was known, microseconds since 1970.
    ///   - line: the objective's, in microseconds.
    package mutating func record(arrivals: Span<TimeRun>, committedAt now: Int64, line: Int64) {
        let starts = LagScale.starts
        let ends = LagScale.ends
        for index in arrivals.indices {
            let run = arrivals[index]
            let count = UInt64(run.count)
            guard let lag = Self.measured(run.milliseconds, now, line) else {
                unmeasured &+= count
                tally.add(good: 0, total: count)
                continue
            }
            arrival.record(lag, count, starts, ends)
            tally.add(good: lag <= UInt64(line) ? count : 0, total: count)
        }
    }

    /// Names the trace of one of the records that were taken in.
    ///
    /// - Parameter milliseconds: its Kafka timestamp.
    package mutating func note(
        _ trace: TraceContext, ofArrival milliseconds: Int64, committedAt now: Int64, line: Int64
    ) {
        guard let lag = Self.measured(milliseconds, now, line) else { return }
        exemplars.keep(LagExemplar(trace: trace, lag: lag, time: now))
    }

    /// Nil if nobody knows how late the record is. A clock that is a little ahead is as good as no lag.
    @inline(__always)
    private static func measured(_ milliseconds: Int64, _ now: Int64, _ line: Int64) -> UInt64? {
        guard milliseconds >= 0, let lag = lag(from: milliseconds, to: now), lag >= -line else { return nil }
        return UInt64(max(lag, 0))
    }

    /// Takes in records that were counted, by the times they name themselves. A producer's clock that is ahead makes
    /// their lag count as 0.
    package mutating func record(happenings: Span<TimeRun>, committedAt now: Int64) {
        let starts = LagScale.starts
        let ends = LagScale.ends
        for index in happenings.indices {
            let lag = max(0, Self.lag(from: happenings[index].milliseconds, to: now) ?? 0)
            event.record(UInt64(lag), UInt64(happenings[index].count), starts, ends)
        }
    }

    /// Nil if the time does not even fit microseconds: it is whatever a producer wrote.
    private static func lag(from milliseconds: Int64, to now: Int64) -> Int64? {
        let (microseconds, overflow) = milliseconds.multipliedReportingOverflow(by: 1000)
        guard !overflow else { return nil }
        let (lag, underflow) = now.subtractingReportingOverflow(microseconds)
        return underflow ? nil : lag
    }

    public mutating func add(_ other: LagTotals) {
        arrival.add(other.arrival)
        event.add(other.event)
        tally.add(other.tally)
        exemplars.add(other.exemplars)
        unmeasured &+= other.unmeasured
    }
}
