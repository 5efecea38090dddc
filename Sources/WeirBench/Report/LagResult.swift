// The lags of a run as figures, and as the histogram that they come from.

internal import Foundation
public import Histogram

/// Times in milliseconds; nil is never: so many records failed that the percentile is one of them.
public struct LagResult: Codable, Sendable {
    /// Records whose lag is known.
    public var recorded: Int
    /// Records that were due and whose effect was never seen: infinitely late.
    public var failures: Int
    public var p50: Double?
    public var p90: Double?
    public var p99: Double?
    public var p999: Double?
    public var max: Double?
    /// Pairs of lag in nanoseconds (upper end of its bucket, three digits) and records.
    public var histogram: [[UInt64]]

    public init(_ lags: Histogram<UInt64>, failures: Int) {
        self.init(histogram: lags.recordedValues().map { [$0.value, UInt64($0.count)] }, failures: failures)
    }

    private init(histogram: [[UInt64]], failures: Int) {
        self.histogram = histogram
        self.failures = failures
        recorded = histogram.reduce(0) { $0 + Int($1[1]) }
        p50 = percentile(50)
        p90 = percentile(90)
        p99 = percentile(99)
        p999 = percentile(99.9)
        max = percentile(100)
    }

    /// The least lag that so many percent of the records due did not exceed, in milliseconds.
    public func percentile(_ percent: Double) -> Double? {
        // 99.9 % of 1000 is 999, not the 999.0000000000001 of floating point.
        let rank = Swift.max(1, (percent / 100 * Double(recorded + failures) - 1e-6).rounded(.up))
        var sum = 0
        for pair in histogram {
            sum += Int(pair[1])
            if Double(sum) >= rank { return Double(pair[0]) / 1e6 }
        }
        return nil
    }

    /// The records of all of them, as if they were one run's: nothing is lost, the buckets are the same.
    public static func merged(_ results: [LagResult]) -> LagResult {
        var counts: [UInt64: UInt64] = [:]
        for pair in results.flatMap(\.histogram) { counts[pair[0], default: 0] += pair[1] }
        return LagResult(
            histogram: counts.sorted { $0.key < $1.key }.map { [$0.key, $0.value] },
            failures: results.reduce(0) { $0 + $1.failures })
    }

    /// HdrHistogram's own text format (.hgrm), in milliseconds.
    ///
    /// Its percentiles are of all records due: with failures the last line is below 1, and a comment says how many they are.
    public var hgrm: String {
        var lags = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
        for pair in histogram { lags.record(pair[0], count: pair[1]) }
        var text = ""
        lags.outputPercentileDistribution(to: &text, outputValueUnitScalingRatio: 1e6)
        guard failures > 0 else { return text }
        let due = recorded + failures
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
            let words = line.split(separator: " ")
            guard !line.hasPrefix("#"), words.count > 2, let count = Int(words[2]) else { return String(line) }
            let share = Double(count) / Double(due)
            return line.prefix(while: { $0 == " " }) + words[0]
                + String(format: " %2.12f %10d %14.2f", share, count, 1 / (1 - share))
        }
        return lines.joined(separator: "\n")
            + "#[Failures = \(failures), infinitely late; percentiles are of all \(due) records due]\n"
    }
}
