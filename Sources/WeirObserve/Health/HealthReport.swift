// Whether the process lives, has started, and is ready; and if not, why.

/// The answers of `/livez`, `/startupz` and `/readyz`. Pure: made of a state and the time.
public struct HealthReport: Sendable, Equatable {
    /// What is wrong; empty if nothing is.
    public let reasons: [String]

    public var isGood: Bool { reasons.isEmpty }
    public var httpStatus: Int { isGood ? 200 : 503 }

    /// A worker's thread goes round ten times a second, and waits for nothing longer than its last commits.
    static let longestBeat: Int64 = 60_000_000

    /// Not whether it does anything useful: a restart helps against a thread that hangs, and against nothing else.
    ///
    /// - Parameter monotonic: the time of the clock that workers' beats are of, in microseconds.
    public static func live(_ process: ProcessState, monotonic: Int64) -> HealthReport {
        HealthReport(
            reasons: process.topologies.flatMap { topology in
                topology.workers.enumerated().compactMap { number, worker in
                    let silence = monotonic - worker.beatAt
                    guard worker.beatAt > 0, silence > longestBeat else { return nil }
                    return "\(topology.name): worker \(number) has not moved for \(silence / 1_000_000) s"
                }
            })
    }

    /// Every topology is up, and every worker a member of its group.
    public static func started(_ process: ProcessState) -> HealthReport {
        HealthReport(reasons: startup(process))
    }

    private static func startup(_ process: ProcessState) -> [String] {
        if let waiting = process.starting { return [waiting] }
        return process.topologies.flatMap { topology in
            if let failure = topology.failure { return ["\(topology.name) has ended: \(failure)"] }
            return topology.workers.enumerated().compactMap { number, worker in
                worker.isMember ? nil : "\(topology.name): worker \(number) is not a member of its group yet"
            }
        }
    }

    /// Started, all partitions restored, none behind by more than the limit, and not about to end.
    ///
    /// - Parameters:
    ///   - now: microseconds since 1970.
    ///   - lagLimit: age of the oldest record that is still good, in microseconds.
    public static func ready(_ process: ProcessState, now: Int64, lagLimit: Int64) -> HealthReport {
        if process.isDraining { return HealthReport(reasons: ["draining: told to stop"]) }
        var reasons = startup(process)
        for topology in process.topologies {
            for partition in topology.partitions {
                let place = "\(topology.name): \(partition.topic)/\(partition.partition)"
                switch partition.held?.phase {
                case .some(let phase) where phase.isTakingOver || phase == .stopped:
                    reasons.append("\(place) is \(phase.rawValue)")
                case .some, nil: break
                }
                if let age = partition.oldestAge(at: now), age > lagLimit {
                    reasons.append("\(place) is behind: its oldest record is \(age / 1_000_000) s old")
                }
            }
        }
        return HealthReport(reasons: reasons)
    }

    /// One word, then a reason a line.
    public func text(_ good: String, _ bad: String) -> String {
        ([isGood ? good : bad] + reasons).joined(separator: "\n") + "\n"
    }
}

/// What a process runs, and whether it is beginning or ending.
public struct ProcessState: Sendable {
    /// What the start waits for, in words; nil once all topologies run.
    public var starting: String?
    /// Told to stop: finishing what it has.
    public var isDraining: Bool
    public var topologies: [TopologyStatus]

    public init(starting: String?, isDraining: Bool, topologies: [TopologyStatus]) {
        self.starting = starting
        self.isDraining = isDraining
        self.topologies = topologies
    }
}
