// How long a fault is felt.

public struct Recovery: Sendable {
    public var fault: FaultMark
    /// From the fault to the end of the last second whose records were too late; nil if that is the last one before the
    /// next fault, or of the run.
    public var seconds: Double?
    /// Another fault came before the end of the run.
    public var isFollowed: Bool

    /// `4.2 s`, or `not before the end`.
    public var words: String {
        seconds.map { "\($0.rounded(to: 1)) s" } ?? (isFollowed ? "not before the next fault" : "not before the end")
    }
}

extension Recovery {
    /// - Parameter objective: milliseconds.
    package static func all(of faults: [FaultMark], _ stretches: [StretchResult], objective: Double) -> [Recovery] {
        let due = stretches.filter { $0.records > 0 }
        return faults.enumerated().map { index, fault in
            let next = index + 1 < faults.count ? faults[index + 1].at : .infinity
            let isFollowed = next < .infinity
            // The second that the fault falls into counts: records due before it may be late of it. That of the next
            // fault is the next one's.
            let own = due.filter { $0.from + $0.seconds > fault.at && $0.from + $0.seconds <= next }
            guard !own.isEmpty else { return Recovery(fault: fault, seconds: nil, isFollowed: isFollowed) }
            let bad = own.last { stretch in stretch.p99.map { $0 > objective } ?? true }
            guard let bad else { return Recovery(fault: fault, seconds: 0, isFollowed: isFollowed) }
            let isOver = bad.from < (own.last?.from ?? 0)
            return Recovery(
                fault: fault, seconds: isOver ? bad.from + bad.seconds - fault.at : nil, isFollowed: isFollowed)
        }
    }
}

extension RunResult {
    public var recoveries: [Recovery] {
        Recovery.all(of: faults, load.stretches, objective: objectiveP99 ?? .infinity)
    }
}
