// The steps that lags are counted in: the same for everybody, so that histograms add up.

/// Forty steps to a factor of ten (Renard's series R40), from a millisecond to 115 days, in microseconds. A step is at
/// most 7 % wide, and 1, 2 and 5 of every power of ten are steps' ends: what is counted at those is exact.
package enum LagScale {
    private static let series: [UInt64] = [
        1000, 1060, 1120, 1180, 1250, 1320, 1400, 1500, 1600, 1700, 1800, 1900, 2000, 2120, 2240, 2360, 2500, 2650,
        2800, 3000, 3150, 3350, 3550, 3750, 4000, 4250, 4500, 4750, 5000, 5300, 5600, 6000, 6300, 6700, 7100, 7500,
        8000, 8500, 9000, 9500,
    ]

    /// Ends of the steps, included in them. What is longer than the last is counted in one step more.
    package static let ends: ContiguousArray<UInt64> = {
        var ends: ContiguousArray<UInt64> = []
        var factor: UInt64 = 1
        for _ in 0..<10 {
            ends += series.map { $0 * factor }
            factor *= 10
        }
        return ends + [1000 * factor]
    }()

    package static let count = ends.count + 1

    /// For each eighth of a doubling the first step that reaches into it: from there it is at most three steps.
    static let starts: ContiguousArray<UInt16> = {
        var starts: ContiguousArray<UInt16> = []
        for key in 0..<(64 * 8) {
            let power = key >> 3
            let least: UInt64 = power < 3 ? 0 : (8 + UInt64(key & 7)) << UInt64(power - 3)
            starts.append(UInt16(ends.firstIndex { $0 >= least } ?? ends.count))
        }
        return starts
    }()
}
