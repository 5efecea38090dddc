// When a burning budget wakes somebody: two windows each, a long one that is sure and a short one that ends soon.

public import WeirCore

/// As in the SRE workbook, for 30 days: 2 % of the budget in an hour, 5 % in six hours, 10 % in three days.
/// `deploy/prometheus/weir-alerts.yaml` says the same in PromQL; a test compares them.
public struct BurnRule: Sendable, Equatable {
    public enum Urgency: String, Sendable {
        /// Wakes somebody.
        case page
        /// Waits for working hours.
        case ticket
    }

    public let factor: Double
    public let long: TimeSpan
    public let short: TimeSpan
    public let urgency: Urgency

    public static let all: [BurnRule] = [
        BurnRule(factor: 14.4, long: .seconds(3600), short: .seconds(300), urgency: .page),
        BurnRule(factor: 6, long: .seconds(6 * 3600), short: .seconds(1800), urgency: .page),
        BurnRule(factor: 1, long: .seconds(3 * 86_400), short: .seconds(6 * 3600), urgency: .ticket),
    ]

    /// The windows that burn rates are told for, shortest first.
    public static let windows: [TimeSpan] = [300, 1800, 3600, 6 * 3600, 3 * 86_400].map { .seconds($0) }

    /// Whether both windows burn faster than the rule allows; one that is not known does not.
    public func fires(long: Double?, short: Double?) -> Bool {
        guard let long, let short else { return false }
        return long > factor && short > factor
    }
}
