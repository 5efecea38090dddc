// The promise, and how it is kept.

internal import WeirCore
internal import WeirObserve

extension StatusDocument {
    /// What the process has not run for is null, never good.
    package struct ObjectivePart: Codable, Equatable, Sendable {
        /// As in the topology's file.
        package let text: String
        package let share: Double
        package let lineSeconds: Double
        package let overSeconds: Double
        /// Over the objective's time.
        @OrNull package private(set) var compliance: Double?
        @OrNull package private(set) var budgetLeft: Double?
        @OrNull package private(set) var sinceStart: SinceStart?
        package let burns: [Burn]
        package let firing: [Rule]

        enum CodingKeys: String, CodingKey {
            case text, share, compliance, burns, firing
            case lineSeconds = "line_seconds"
            case overSeconds = "over_seconds"
            case budgetLeft = "budget_left"
            case sinceStart = "since_start"
        }
    }

    package struct SinceStart: Codable, Equatable, Sendable {
        package let seconds: Double
        package let good: UInt64
        package let total: UInt64
        @OrNull package private(set) var compliance: Double?
        /// Of what may be late among the records since the start.
        @OrNull package private(set) var budgetLeft: Double?

        enum CodingKeys: String, CodingKey {
            case seconds, good, total, compliance
            case budgetLeft = "budget_left"
        }
    }

    package struct Burn: Codable, Equatable, Sendable {
        package let window: String
        @OrNull package private(set) var rate: Double?
    }

    package struct Rule: Codable, Equatable, Sendable {
        package let urgency: String
        package let factor: Double
        package let long: String
        package let short: String
    }
}

extension StatusDocument.ObjectivePart {
    init(_ status: TopologyStatus) {
        let objective = status.objective
        let budget = status.budget
        self.init(
            text: objective.description, share: objective.share, lineSeconds: .seconds(objective.lag.microseconds),
            overSeconds: .seconds(objective.over.microseconds), compliance: budget.compliance,
            budgetLeft: budget.left,
            sinceStart: budget.sinceStart.map { since in
                StatusDocument.SinceStart(
                    seconds: .seconds(since.time.microseconds), good: since.tally.good, total: since.tally.total,
                    compliance: objective.compliance(since.tally), budgetLeft: objective.budgetLeft(since.tally))
            }, burns: budget.burns.map { StatusDocument.Burn(window: $0.window.description, rate: $0.rate) },
            firing: budget.firing.map { rule in
                StatusDocument.Rule(
                    urgency: rule.urgency.rawValue, factor: rule.factor, long: rule.long.description,
                    short: rule.short.description)
            })
    }
}
