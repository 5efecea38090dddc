// Ratios and trends: what noise hides is not concluded.

import Testing
import WeirBench

@Suite struct ComparisonTests {
    @Test func aClearDifferenceIsFound() throws {
        let found = try #require(Comparison("x", a: [100, 110, 90, 105, 95], b: [50, 56, 44, 53, 47]))
        #expect(abs(found.ratio - 0.499) < 0.005)
        #expect(found.outcome == .less)
        #expect(found.low < found.ratio && found.ratio < found.high && found.high < 0.52)
    }

    /// The machine slows down tenfold meanwhile: the pairs still tell.
    @Test func whatSlowsBothIsNoNoise() throws {
        let found = try #require(Comparison("x", a: [100, 200, 400, 1000], b: [110, 222, 436, 1105]))
        #expect(found.outcome == .more)
        #expect(abs(found.ratio - 1.1) < 0.01)
    }

    @Test func noiseAllowsNoConclusion() throws {
        let found = try #require(Comparison("x", a: [100, 120, 80], b: [90, 130, 75]))
        #expect(found.outcome == .same)
        #expect(found.sentence.contains("nothing is concluded"))
        // Two pairs with the same sign prove nothing.
        #expect(try #require(Comparison("x", a: [100, 100], b: [80, 90])).outcome == .same)
        #expect(Comparison("x", a: [1], b: [2]) == nil)
        #expect(Comparison("x", a: [1, 0], b: [2, 2]) == nil)
    }

    /// By the t table: ln 2 and ln 8 have the mean ln 4, and their interval's half width is 12.706 ln 2.
    @Test func intervalIsStudents() throws {
        let found = try #require(Comparison("x", a: [1, 1], b: [2, 8]))
        #expect(abs(found.ratio - 4) < 1e-9)
        #expect(abs(found.high / 26_727 - 1) < 0.001)
        #expect(abs(found.low * found.high - 16) < 1e-6)
        #expect(abs(found.least - 2) < 1e-9 && abs(found.most - 8) < 1e-9)
    }

    @Test func trendsAreLeastSquares() throws {
        let line = try #require(Trend((0..<10).map { (Double($0), 5 + 2 * Double($0)) }))
        #expect(abs(line.slope - 2) < 1e-9)
        #expect(abs(line.rise - 18) < 1e-9)
        #expect(line.rises(by: 17) && !line.rises(by: 19))
        let fall = try #require(Trend((0..<10).map { (Double($0), 5 - 2 * Double($0)) }))
        #expect(abs(fall.rise + 18) < 1e-9 && !fall.rises(by: 0))
        let noise = try #require(Trend([(0, 1), (1, 9), (2, 2), (3, 8), (4, 3), (5, 9), (6, 2)]))
        #expect(!noise.rises(by: 0.1))
        #expect(Trend([(0, 1), (1, 2)]) == nil)
        // The residuals are 1/6, -1/3, 1/6: their squares' sum is 1/6, with one degree of freedom, over a spread of 2.
        let bent = try #require(Trend([(0, 0), (1, 0), (2, 1)]))
        #expect(abs(bent.slope - 0.5) < 1e-9)
        #expect(abs(bent.error - (1.0 / 12).squareRoot()) < 1e-9)
    }
}
