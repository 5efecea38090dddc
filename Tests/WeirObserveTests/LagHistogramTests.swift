// Lags counted by steps: exact where it is promised, close elsewhere, and sums of parts.

import Testing
import WeirObserve

struct LagHistogramTests {
    /// From a microsecond to a year, as many in every power of ten.
    private static func lags(_ number: Int) -> [UInt64] {
        var state: UInt64 = 42
        return (0..<number).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let unit = Double(state >> 11) / Double(1 << 53)
            return UInt64(Self.power(unit * 13.5))
        }
    }

    private static func power(_ exponent: Double) -> Double {
        var result = 1.0
        var rest = exponent
        while rest >= 1 {
            result *= 10
            rest -= 1
        }
        // 10^rest by halving: no Foundation here.
        var root = 3.162_277_660_168_379
        for _ in 0..<30 {
            rest *= 2
            if rest >= 1 {
                result *= root
                rest -= 1
            }
            root = root.squareRoot()
        }
        return result
    }

    @Test func countsAreExactAtRoundNumbers() {
        let lags = Self.lags(20_000)
        var histogram = LagHistogram()
        for lag in lags { histogram.record(lag) }
        #expect(histogram.count == 20_000)
        var bound: UInt64 = 1000
        while bound <= 5_000_000_000_000 {
            for factor: UInt64 in [1, 2, 5] {
                let end = bound * factor
                #expect(histogram.count(upTo: end) == UInt64(lags.count { $0 <= end }), "up to \(end)")
            }
            bound *= 10
        }
    }

    @Test func aRoundNumberIsInsideItsStep() {
        var histogram = LagHistogram()
        histogram.record(2_000_000, count: 3)
        histogram.record(2_000_001)
        #expect(histogram.count(upTo: 2_000_000) == 3)
        #expect(histogram.count(upTo: 5_000_000) == 4)
    }

    @Test(arguments: [0.01, 0.5, 0.9, 0.99, 0.999, 1])
    func aQuantileIsAtMostSevenPercentTooMuch(share: Double) throws {
        let lags = Self.lags(20_000).map { min(max($0, 1000), 9_000_000_000_000) }.sorted()
        var histogram = LagHistogram()
        for lag in lags { histogram.record(lag) }
        let exact = lags[max(0, Int((share * 20_000).rounded(.up)) - 1)]
        let told = try #require(histogram.quantile(share))
        #expect(told >= exact)
        #expect(Double(told) <= Double(exact) * 1.07)
    }

    @Test func partsAddUpAndTakeAway() {
        let lags = Self.lags(3_000)
        var whole = LagHistogram()
        var first = LagHistogram()
        var second = LagHistogram()
        for lag in lags.prefix(1_000) { first.record(lag) }
        for lag in lags.dropFirst(1_000) { second.record(lag) }
        whole.add(first)
        whole.add(second)
        #expect(whole.count == 3_000)
        #expect(whole.since(first).count(upTo: 2_000_000) == second.count(upTo: 2_000_000))
        #expect(whole.since(first).quantile(0.5) == second.quantile(0.5))
    }

    @Test func nothingHasNoQuantile() {
        #expect(LagHistogram().quantile(0.99) == nil)
    }
}
