// What is known of the lag of committed records, of one partition or of many.

/// Since the process started; grows only.
public struct LagTotals: Sendable, Equatable {
    /// From a record's Kafka timestamp to its commit.
    public private(set) var arrival = LagHistogram()
    /// From the time that a record names itself to its commit; of metered records only, others have no such time.
    public private(set) var event = LagHistogram()
    /// Records against the objective's line.
    public private(set) var tally = RecordTally()
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
            guard run.milliseconds >= 0, let lag = Self.lag(from: run.milliseconds, to: now), lag >= -line else {
                unmeasured &+= count
                tally.add(good: 0, total: count)
                continue
            }
            // A clock that is a little ahead: as good as no lag.
            arrival.record(UInt64(max(lag, 0)), count, starts, ends)
            tally.add(good: lag <= line ? count : 0, total: count)
        }
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
        unmeasured &+= other.unmeasured
    }
}
