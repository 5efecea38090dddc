// Two things side by side where one of them does not finish, and backlogs too small to tell a rate.

import Testing
import WeirBench

@Suite struct ComparedRunsTests {
    @Test func neverIsNoNumberAndNoSilence() {
        let worse = ComparedMeasure("p99", a: [10, 11, 12], b: [nil, nil, nil])
        #expect(worse.comparison == nil)
        #expect(worse.sentence == "p99: B is worse: never in all of its runs.")
        #expect(ComparedMeasure("p99", a: [nil, nil], b: [3, 4]).sentence.contains("A is worse"))
        // One run of five that failed is not a figure, nor is it nothing.
        let once = ComparedMeasure("p99", a: [10, 11, 12, 10, 11], b: [20, nil, 22, 20, 21])
        #expect(once.sentence == "p99: nothing is concluded: never in 0 of A's 5 runs, 1 of B's 5.")
        #expect(ComparedMeasure("p99", a: [nil, nil], b: [nil, nil]).sentence.contains("2 of A's 2 runs, 2 of B's 2"))
    }

    /// A pair of which one has no value is no pair, and the others' values are not put together instead.
    @Test func pairsStayPairs() {
        #expect(ComparedMeasure("p99", a: [10, 11, nil], b: [nil, 20, 22]).comparison == nil)
    }

    /// Failures first: what follows is of the records that were done.
    @Test func everyMeasureIsOfBToA() throws {
        let a = try RunResult.made("A")
        var b = try RunResult.made("B")
        b.load.durable.p50 = 40
        b.load.throughput = 5
        let whole = ComparedRuns(a: [a, a], b: [b, b])
        let ratios = whole.measures.reduce(into: [:]) { $0[$1.name] = $1.comparison?.ratio.rounded(to: 6) }
        #expect(ratios == ["p50 of the lag": 2, "p99 of the lag": 1, "p99.9 of the lag": 1, "throughput": 0.5])
        #expect(!whole.sentences[0].contains("Never done"))
        let lost = try RunResult.made("B", lost: 3)
        let words = ComparedRuns(a: [a, a], b: [lost, lost]).sentences
        #expect(words[0].hasPrefix("Never done: 0 of 200 records of A, 70 of 200 of B."))
    }

    @Test func whatIsFiniteIsCompared() {
        let measure = ComparedMeasure("p50", a: [100, 110, 90], b: [50, 56, 44])
        #expect(measure.comparison?.outcome == .less)
        #expect(measure.sentence.hasSuffix("B has less."))
    }

    private func drain(_ seconds: Double, _ measured: Int) -> Drain {
        let weir = ProcessResult(
            name: "weir", cpuSeconds: 0.05, residentMiB: 50, voluntary: 0, involuntary: 0, events: 50_000)
        return Drain(seconds: seconds, measured: measured, processes: [weir], rowsPerEvent: 0)
    }

    @Test func aRateNeedsTime() {
        #expect(drain(0.5, 40_000).rate == 80_000)
        #expect(drain(0.1, 40_000).rate == nil)
        // The first look saw everything.
        #expect(drain(0, 0).rate == nil)
        // However long it waited afterwards.
        #expect(drain(1, 0).rate == nil)
        let words = Drain.verdict([drain(0.5, 40_000), drain(0, 0)], events: 50_000)
        #expect(words.contains("Nothing is said of its rate") && words.contains("takes 1.0 µs"))
        let good = Drain.verdict([drain(0.5, 40_000), drain(0.25, 40_000)], events: 50_000)
        #expect(good.contains("at 120000 events a second (median of 2, from 80000 to 160000)"))
    }
}
