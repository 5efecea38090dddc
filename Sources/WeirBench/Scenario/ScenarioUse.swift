// What a mode makes of a scenario, for the report's set-up.

/// No mode tells of a rate or a time that it did not use.
public enum ScenarioUse: Sendable {
    /// Rate, times and faults.
    case asItStands
    /// Many rates, none of them the scenario's, and no faults.
    case probes
    /// So many events, as fast as they can be sent, before any worker is there.
    case backlog(Int)

    public func words(_ scenario: Scenario) -> String {
        let workers = Self.count(scenario.workers, "worker")
        let field = "\(workers), \(Self.count(scenario.partitions, "partition")) of each topic"
        let times = "\(scenario.warmup.grouped) s of warm-up and \(scenario.duration.grouped) s that count"
        switch self {
        case .asItStands:
            let peak = scenario.plan.peak > scenario.plan.mean ? " (up to \(scenario.plan.peak.grouped))" : ""
            let faults = scenario.faults.isEmpty ? "" : ", \(Self.count(scenario.faults.count, "fault"))"
            return "\(field), \(scenario.plan.mean.grouped) events a second\(peak), \(times)\(faults)"
        case .probes:
            let faults = scenario.faults.isEmpty ? "" : ", and no faults"
            return "\(field); each probe has the rate that its row tells, \(times)\(faults)"
        case .backlog(let events):
            return
                "\(field), a backlog of \(Double(events).grouped) events; of the scenario neither rate, warm-up, duration "
                + "nor faults are used"
        }
    }

    private static func count(_ number: Int, _ name: String) -> String { "\(number) \(name)\(number == 1 ? "" : "s")" }
}
