// Schedules: the right number of arrivals at the right times.

import Testing
import WeirBench

@Suite struct ArrivalTests {
    private func moments(_ plan: RatePlan, seconds: Double, seed: UInt64 = 1) -> [Int64] {
        var arrivals = Arrivals(plan, seed: seed, end: Int64(seconds * 1e9))
        var moments: [Int64] = []
        while let moment = arrivals.next() { moments.append(moment) }
        return moments
    }

    @Test func constantRateDoesNotDrift() {
        let found = moments(RatePlan(.constant, rate: 3000), seconds: 100)
        #expect(found.count == 300_000)
        #expect(found[299_999] == 99_999_666_667)
        #expect(zip(found, found.dropFirst()).allSatisfy { (333_333...333_334).contains($1 - $0) })
    }

    /// Gaps of a Poisson process have a standard deviation as large as their mean.
    @Test func poissonIsIrregular() {
        let found = moments(RatePlan(.poisson, rate: 1000), seconds: 100)
        #expect(abs(found.count - 100_000) < 500)
        let gaps = zip(found, found.dropFirst()).map { Double($1 - $0) }
        let mean = gaps.reduce(0, +) / Double(gaps.count)
        let variance = gaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(gaps.count)
        #expect(abs(variance.squareRoot() / mean - 1) < 0.03)
        #expect(found == moments(RatePlan(.poisson, rate: 1000), seconds: 100))
        #expect(found != moments(RatePlan(.poisson, rate: 1000), seconds: 100, seed: 2))
    }

    @Test func burstsComeAtTheEndOfTheirPeriod() {
        let plan = RatePlan(.bursts(peak: 5000, every: 10, length: 2), rate: 100)
        let found = moments(plan, seconds: 30)
        #expect(abs(found.count - 3 * (800 + 10_000)) < 3)
        #expect(abs(found.count { (8_000_000_000..<10_000_000_000).contains($0) } - 10_000) < 3)
    }

    /// What a command line asks for is the mean, and so is what a report tells.
    @Test func aRateIsTheMeanOfItsShape() throws {
        let plan = RatePlan(.bursts(peak: 20_000, every: 5, length: 0.5), rate: 1000)
        #expect(abs(plan.mean - 2900) < 1e-9)
        let scaled = try #require(plan.scaled(to: 290))
        #expect(abs(scaled.mean - 290) < 1e-9 && abs(scaled.rate - 100) < 1e-9)
        #expect(abs(moments(scaled, seconds: 50).count - 14_500) < 3)
        for shape in [RatePlan.Shape.constant, .poisson, .diurnal(swing: 0.8, period: 40)] {
            #expect(RatePlan(shape, rate: 7).mean == 7 && RatePlan(shape, rate: 7).scaled(to: 3)?.rate == 3)
        }
    }

    /// A boundary between two arrivals costs nothing: 1.5 arrivals before each burst and 2.5 in it are four.
    @Test func boundariesLoseNoArrival() {
        let found = moments(RatePlan(.bursts(peak: 5, every: 2, length: 0.5), rate: 1), seconds: 200)
        #expect(abs(found.count - 400) <= 1)
    }

    @Test func aDayGoesUpAndDown() {
        let found = moments(RatePlan(.diurnal(swing: 0.8, period: 40), rate: 1000), seconds: 40)
        #expect(abs(found.count - 40_000) < 100)
        let night = found.count { $0 < 1_000_000_000 }
        let noon = found.count { (20_000_000_000..<21_000_000_000).contains($0) }
        #expect(abs(night - 200) < 20)
        #expect(abs(noon - 1800) < 20)
    }

    @Test func aTraceIsReplayedAgainAndAgain() throws {
        let rows = [0, 100_000, 400_000].map { Trace.Row(time: 1_700_000_000_000_000 + $0, numbers: []) }
        let plan = try #require(RatePlan.replay(Trace(topic: "", fields: [], rows: rows), speed: 2))
        #expect(plan.rate == 15)
        let found = moments(plan, seconds: 0.5)
        #expect(found == [0, 50_000_000, 200_000_000, 266_666_666, 316_666_666, 466_666_666])
        #expect(plan.scaled(to: 5) == nil)
    }
}
