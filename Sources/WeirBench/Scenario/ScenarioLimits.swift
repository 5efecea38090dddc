// What the values of a scenario may be, in its file and on the command line.

internal import Foundation
public import WeirCore

public enum ScenarioLimits {
    public static let partitions = 1...1000
    public static let workers = 1...64
    public static let warmup = TimeSpan.zero...TimeSpan.seconds(3600)
    public static let duration = TimeSpan.seconds(1)...TimeSpan.seconds(86_400 * 7)
    public static let patience = TimeSpan.seconds(1)...TimeSpan.seconds(3600)
    public static let objective = TimeSpan.milliseconds(1)...TimeSpan.seconds(3600)
    /// Events a second.
    public static let rate = 0.01...10_000_000.0

    /// - Parameter option: as it was given, `--rate`.
    @discardableResult
    public static func check<Value>(
        _ value: Value, in range: ClosedRange<Value>, _ option: String
    ) throws(WeirError) -> Value {
        if range.contains(value) { return value }
        throw WeirError(
            .usage,
            "\(option) \(text(value)) is out of range: \(text(range.lowerBound)) to \(text(range.upperBound))")
    }

    /// 10000000, not 10000000.0.
    private static func text<Value>(_ value: Value) -> String {
        (value as? Double).map { String(format: "%.15g", $0) } ?? "\(value)"
    }
}
