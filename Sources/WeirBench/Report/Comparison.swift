// Two things measured in pairs: their ratio, how sure it is, and whether that allows a conclusion.

internal import Foundation

/// The ratio of B to A over pairs of runs that were made one after the other, so that what slows the machine slows both.
///
/// The interval is Student's t for the mean of the pairs' logarithms (a ratio of 2 and one of ½ weigh the same), at 95 %:
/// one in twenty comparisons of a thing with itself would find a difference.
public struct Comparison: Codable, Sendable {
    public enum Outcome: String, Codable, Sendable {
        case same = "no difference shown"
        case less = "less"
        case more = "more"
    }

    public var name: String
    public var a: [Double]
    public var b: [Double]
    public var ratio: Double
    public var low: Double
    public var high: Double
    /// Of the single pairs.
    public var least: Double
    public var most: Double

    /// 97.5 % quantiles of Student's t for 1, 2, … degrees of freedom; the normal distribution's beyond.
    private static let quantiles = [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
        2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
    ]

    /// Nil for fewer than two pairs, or values that are not above zero.
    public init?(_ name: String, a: [Double], b: [Double]) {
        guard a.count == b.count, a.count > 1, (a + b).allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
        self.name = name
        self.a = a
        self.b = b
        let logs = zip(a, b).map { log($1 / $0) }
        let count = Double(logs.count)
        let mean = logs.reduce(0, +) / count
        let variance = logs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        let quantile = logs.count - 2 < Self.quantiles.count ? Self.quantiles[logs.count - 2] : 1.96
        let reach = quantile * (variance / count).squareRoot()
        ratio = exp(mean)
        low = exp(mean - reach)
        high = exp(mean + reach)
        least = exp(logs.min() ?? 0)
        most = exp(logs.max() ?? 0)
    }

    public var outcome: Outcome { high < 1 ? .less : low > 1 ? .more : .same }

    /// `B / A = 0.83 (0.79 to 0.87): less`
    public var sentence: String {
        func n(_ value: Double) -> String { String(format: "%.3f", value) }
        let spread = "\(n(ratio)) (95 %: \(n(low)) to \(n(high)))"
        switch outcome {
        case .same: return "\(name): B / A = \(spread). The noise is larger than the difference: nothing is concluded."
        case .less, .more: return "\(name): B / A = \(spread). B has \(outcome.rawValue)."
        }
    }
}
