// Which records are in time, which are late, and which cannot be told.

import Testing
import WeirObserve

struct LagTotalsTests {
    private static let now: Int64 = 1_800_000_000_000_000
    private static let line: Int64 = 2_000_000

    /// What becomes of one record with a Kafka timestamp so many milliseconds before its commit.
    private static func totals(ago milliseconds: Int64...) -> LagTotals {
        let runs = milliseconds.map { TimeRun(milliseconds: now / 1000 - $0, part: 0, count: 1) }
        var totals = LagTotals()
        totals.record(arrivals: runs.span, committedAt: now, line: line)
        return totals
    }

    @Test func theLineIsInTime() {
        let totals = Self.totals(ago: 0, 1999, 2000, 2001, 60_000)
        #expect(totals.tally == RecordTally(good: 3, total: 5))
        #expect(totals.unmeasured == 0)
        #expect(totals.arrival.count == 5)
    }

    @Test func aClockALittleAheadIsInTime() {
        let totals = Self.totals(ago: -1, -2000)
        #expect(totals.tally == RecordTally(good: 2, total: 2))
        #expect(totals.arrival.count(upTo: 1000) == 2)
    }

    @Test func whatCannotBeMeasuredIsNotGood() {
        var totals = Self.totals(ago: -2001, -3_600_000)
        let odd = [
            TimeRun(milliseconds: -1, part: 0, count: 7), TimeRun(milliseconds: .max, part: 0, count: 1),
            TimeRun(milliseconds: .min, part: 0, count: 1),
        ]
        totals.record(arrivals: odd.span, committedAt: Self.now, line: Self.line)
        #expect(totals.tally == RecordTally(good: 0, total: 11))
        #expect(totals.unmeasured == 11)
        #expect(totals.arrival.count == 0)
    }

    private static func trace(_ number: UInt64) -> TraceContext {
        TraceContext(traceHigh: 1, traceLow: number, span: number)
    }

    @Test func eachBucketNamesItsNewestTrace() {
        var totals = Self.totals(ago: 100, 101, 2000, 200_000_000)
        #expect(totals.exemplars == LagExemplars())
        for (number, ago) in [(1, 60), (2, 100), (3, 101), (4, 200_000_000)] as [(UInt64, Int64)] {
            totals.note(Self.trace(number), ofArrival: Self.now / 1000 - ago, committedAt: Self.now, line: Self.line)
        }
        let kept = (0...LagHistogram.bounds.count).map { totals.exemplars[$0]?.trace.span }
        var wanted = [UInt64?](repeating: nil, count: kept.count)
        (wanted[4], wanted[5], wanted[18]) = (2, 3, 4)
        #expect(LagHistogram.bounds[4] == 100_000)
        #expect(kept == wanted)
    }

    /// Of a worker that had the partition before, and of the one that has it now.
    @Test func theNewerTraceWins() {
        func totals(_ number: UInt64, at time: Int64) -> LagTotals {
            var totals = LagTotals()
            totals.note(Self.trace(number), ofArrival: time / 1000 - 70, committedAt: time, line: Self.line)
            return totals
        }
        var sum = totals(1, at: Self.now)
        sum.add(totals(2, at: Self.now - 1_000_000))
        #expect(sum.exemplars[4]?.trace == Self.trace(1))
        sum.add(totals(3, at: Self.now + 1_000_000))
        #expect(sum.exemplars[4]?.trace == Self.trace(3))
    }

    /// What no bucket counts is no example of one.
    @Test func whatIsNotMeasuredHasNoExemplar() {
        var totals = LagTotals()
        for milliseconds in [-1, Self.now / 1000 + 2001, .max] {
            totals.note(Self.trace(1), ofArrival: milliseconds, committedAt: Self.now, line: Self.line)
        }
        #expect(totals.exemplars == LagExemplars())
    }

    @Test func eventsOfTheFutureHaveNoLag() {
        let runs = [
            TimeRun(milliseconds: Self.now / 1000 + 5000, part: 0, count: 2),
            TimeRun(milliseconds: Self.now / 1000 - 86_400_000, part: 0, count: 3),
        ]
        var totals = LagTotals()
        totals.record(happenings: runs.span, committedAt: Self.now)
        #expect(totals.event.count(upTo: 1000) == 2)
        #expect(totals.event.count(upTo: 100_000_000_000) == 5)
        #expect(totals.event.count(upTo: 50_000_000_000) == 2)
        #expect(totals.tally == RecordTally())
    }
}
