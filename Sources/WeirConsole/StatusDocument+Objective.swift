// The promise, and how it is kept.

internal import WeirAvro
internal import WeirCore
internal import WeirObserve

extension StatusDocument {
    /// What the process has not run for is null, never good.
    static func objective(_ status: TopologyStatus) -> JSON {
        let objective = status.objective
        let budget = status.budget
        return .object([
            .init("text", .string(objective.description)), .init("share", .real(objective.share)),
            .init("line_seconds", .seconds(objective.lag.microseconds)),
            .init("over_seconds", .seconds(objective.over.microseconds)),
            .init("compliance", JSON(budget.compliance)), .init("budget_left", JSON(budget.left)),
            .init("since_start", sinceStart(budget.sinceStart, objective)),
            .init(
                "burns",
                .array(
                    budget.burns.map { burn in
                        .object([
                            .init("window", .string(burn.window.description)), .init("rate", JSON(burn.rate)),
                        ])
                    })),
            .init(
                "firing",
                .array(
                    budget.firing.map { rule in
                        .object([
                            .init("urgency", .string(rule.urgency.rawValue)), .init("factor", .real(rule.factor)),
                            .init("long", .string(rule.long.description)),
                            .init("short", .string(rule.short.description)),
                        ])
                    })),
        ])
    }

    private static func sinceStart(_ since: BudgetStatus.SinceStart?, _ objective: Objective) -> JSON {
        guard let since else { return .null }
        return .object([
            .init("seconds", .seconds(since.time.microseconds)), .init("good", JSON(since.tally.good)),
            .init("total", JSON(since.tally.total)), .init("compliance", JSON(objective.compliance(since.tally))),
            .init("budget_left", JSON(objective.budgetLeft(since.tally))),
        ])
    }
}
