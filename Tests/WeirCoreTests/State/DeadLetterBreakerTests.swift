// When a share of dead letters is too high.

import Testing
import WeirCore

@Suite struct DeadLetterBreakerTests {
    private static func breaker(_ percent: Int, over: Int) -> DeadLetterBreaker {
        DeadLetterBreaker(BreakerPolicy(deadLetterPercent: percent, over: over))
    }

    private func expect(
        _ breaker: inout DeadLetterBreaker, records: Int, letters: Int, _ trips: Bool, _ comment: Comment? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let answer = breaker.trips(records: records, letters: letters)
        #expect(answer == trips, comment, sourceLocation: sourceLocation)
    }

    @Test func fewRecordsSayNothing() {
        var breaker = Self.breaker(50, over: 100)
        for _ in 0..<99 { expect(&breaker, records: 1, letters: 1, false) }
        expect(&breaker, records: 1, letters: 1, true)
        #expect(breaker.records == 100)
        #expect(breaker.letters == 100)
    }

    @Test func theLimitItselfIsAllowed() {
        var breaker = Self.breaker(50, over: 100)
        expect(&breaker, records: 100, letters: 50, false)
        breaker = Self.breaker(50, over: 100)
        expect(&breaker, records: 100, letters: 51, true)
    }

    @Test func aHundredNeverTripsAndZeroAllowsNone() {
        var breaker = Self.breaker(100, over: 1)
        expect(&breaker, records: 1_000_000, letters: 1_000_000, false)
        breaker = Self.breaker(0, over: 1000)
        expect(&breaker, records: 999, letters: 1, false)
        expect(&breaker, records: 1, letters: 0, true)
    }

    /// A good month before does not hide that nothing goes through any more.
    @Test func aLongGoodTimeIsForgotten() {
        var breaker = Self.breaker(50, over: 100)
        for _ in 0..<10_000 { expect(&breaker, records: 100, letters: 0, false) }
        expect(&breaker, records: 99, letters: 99, false)
        expect(&breaker, records: 99, letters: 99, true)
    }

    /// The newest are what counts, and not those together with almost as many before them.
    @Test func goodRecordsBeforeTheNewestHideNothing() {
        var breaker = Self.breaker(50, over: 100)
        for _ in 0..<100 { expect(&breaker, records: 1, letters: 0, false) }
        for _ in 0..<50 { expect(&breaker, records: 1, letters: 1, false) }
        expect(&breaker, records: 1, letters: 1, true)
        #expect(breaker.records == 100)
        #expect(breaker.letters == 51)
    }

    /// Of partitions that share a batch one may be bad; the share is that of the worker.
    @Test func whatIsOpenBesideCounts() {
        var breaker = Self.breaker(50, over: 100)
        let isTooMuch = breaker.trips(records: 100, letters: 60, open: (records: 700, letters: 0))
        #expect(!isTooMuch)
        // It is taken in when its turn comes, not before.
        #expect(breaker.records == 100)
        let isStill = breaker.trips(records: 100, letters: 60, open: (records: 19, letters: 0))
        #expect(isStill)
        breaker = Self.breaker(50, over: 100)
        let trips = breaker.trips(records: 50, letters: 0, open: (records: 700, letters: 700))
        #expect(trips)
    }

    @Test func aShareAtTheLimitNeverTripsHoweverItIsCut() {
        for size in [2, 6, 98, 100, 102, 5000] {
            var breaker = Self.breaker(50, over: 100)
            for _ in 0..<2000 {
                expect(&breaker, records: size, letters: size / 2, false, "batches of \(size)")
            }
        }
    }

    @Test func countsTheNewestTwiceAsManyAtMost() {
        var breaker = Self.breaker(50, over: 100)
        for _ in 0..<1000 {
            _ = breaker.trips(records: 10, letters: 1)
            #expect(breaker.records <= 200)
        }
        #expect(breaker.letters * 10 == breaker.records)
    }

    @Test func emptyBatchesChangeNothing() {
        var breaker = Self.breaker(0, over: 1)
        expect(&breaker, records: 0, letters: 0, false)
        #expect(breaker.records == 0)
    }
}
