// What a command line says instead of a scenario's file, within the same limits.

public import WeirCore

/// Nil leaves what the file says.
public struct ScenarioChanges: Sendable {
    /// Events a second, the mean of the scenario's shape.
    public var rate: Double?
    public var duration: TimeSpan?
    public var warmup: TimeSpan?
    public var workers: Int?
    public var partitions: Int?

    public init(
        rate: Double? = nil, duration: TimeSpan? = nil, warmup: TimeSpan? = nil, workers: Int? = nil,
        partitions: Int? = nil
    ) {
        self.rate = rate
        self.duration = duration
        self.warmup = warmup
        self.workers = workers
        self.partitions = partitions
    }

    public func applied(to scenario: Scenario) throws(WeirError) -> Scenario {
        var changed = scenario
        if let rate { changed.plan = try Self.plan(scenario, rate) }
        if let duration {
            changed.duration = try ScenarioLimits.check(duration, in: ScenarioLimits.duration, "--duration").seconds
        }
        if let warmup {
            changed.warmup = try ScenarioLimits.check(warmup, in: ScenarioLimits.warmup, "--warmup").seconds
        }
        if let workers {
            changed.workers = try ScenarioLimits.check(workers, in: ScenarioLimits.workers, "--workers")
        }
        if let partitions {
            changed.partitions = try ScenarioLimits.check(partitions, in: ScenarioLimits.partitions, "--partitions")
        }
        for fault in changed.faults {
            if fault.worker > changed.workers {
                throw WeirError(
                    .usage, "\(scenario.file): a fault is for worker \(fault.worker), and there are \(changed.workers)")
            }
            if fault.at >= changed.warmup + changed.duration {
                throw WeirError(
                    .usage,
                    "\(scenario.file): a fault is at \(fault.at.rounded(to: 3)) s, and the run is over after "
                        + "\((changed.warmup + changed.duration).rounded(to: 3)) s")
            }
        }
        return changed
    }

    /// What a run is called: by the scenario's own sentence, unless that tells what was changed here.
    ///
    /// - Parameter offered: events a second that were due while it counted.
    public func title(of scenario: Scenario, offered: Double) -> String {
        guard rate != nil || workers != nil || partitions != nil else {
            return scenario.about.isEmpty ? scenario.name : scenario.about
        }
        let rounded = offered < 100 ? offered : offered.rounded()
        var title = "\(scenario.name) at \(rounded.grouped) events a second"
        if workers != nil { title += ", \(scenario.workers) worker\(scenario.workers == 1 ? "" : "s")" }
        if partitions != nil { title += ", \(scenario.partitions) partition\(scenario.partitions == 1 ? "" : "s")" }
        return title
    }

    private static func plan(_ scenario: Scenario, _ rate: Double) throws(WeirError) -> RatePlan {
        try ScenarioLimits.check(rate, in: ScenarioLimits.rate, "--rate")
        guard let plan = scenario.plan.scaled(to: rate) else {
            throw WeirError(
                .usage, "--rate: \(scenario.file) replays a trace, which has its own rate",
                advice: "Change `speed` in the scenario.")
        }
        if case .bursts(let peak, _, _) = plan.shape {
            try ScenarioLimits.check(peak, in: ScenarioLimits.rate, "--rate \(rate): the peak of a burst, at")
        }
        return plan
    }
}
