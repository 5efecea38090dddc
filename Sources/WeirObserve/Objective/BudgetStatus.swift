// An objective's state as a process knows it by itself: what the console shows, and what needs no Prometheus.

public import WeirCore

/// Windows that the process has not run for are no data: nil, with what is known beside them.
public struct BudgetStatus: Sendable, Equatable {
    public struct Burn: Sendable, Equatable {
        public let window: TimeSpan
        /// 1 uses the budget up in just the objective's time; nil if the window is not covered or had no records.
        public let rate: Double?
    }

    /// Of `BurnRule.windows`, shortest first.
    public let burns: [Burn]
    /// Share of records in time, over the objective's time; nil if it is not covered or had no records.
    public let compliance: Double?
    /// What is left of the error budget of that time: 1 is all, 0 none; nil likewise.
    public let left: Double?
    /// All since the process started, and how long that is; nil before anything is known.
    public let sinceStart: SinceStart?

    public struct SinceStart: Sendable, Equatable {
        public let time: TimeSpan
        public let tally: RecordTally
    }

    public init(_ objective: Objective, _ series: TallySeries) {
        func covered(_ span: TimeSpan) -> RecordTally? {
            if case .covered(let tally) = series.window(span) { tally } else { nil }
        }
        burns = BurnRule.windows.map { Burn(window: $0, rate: covered($0).flatMap(objective.burnRate)) }
        let whole = covered(objective.over)
        compliance = whole.flatMap(objective.compliance)
        left = whole.flatMap(objective.budgetLeft)
        sinceStart = series.sinceStart.map { SinceStart(time: $0.time, tally: $0.tally) }
    }

    /// The rules of `BurnRule.all` that fire.
    public var firing: [BurnRule] {
        func rate(_ window: TimeSpan) -> Double? { burns.first { $0.window == window }?.rate }
        return BurnRule.all.filter { $0.fires(long: rate($0.long), short: rate($0.short)) }
    }
}
