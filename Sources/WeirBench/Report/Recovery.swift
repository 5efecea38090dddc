// How long a fault is felt.

public struct Recovery: Sendable {
    public var fault: FaultMark
    /// From the fault to the end of the last second whose records were too late; nil if that is the last one before the
    /// next fault, or of the run.
    public var seconds: Double?
    /// From the fault to the moment when the last of the partitions that stood still went on; 0 if none did for a second,
    /// nil if nobody looked.
    public var standstill: Double?
    /// Another fault came before the end of the run.
    public var isFollowed: Bool

    /// `4.2 s`, or `not before the end`.
    public var words: String {
        seconds.map { "\($0.rounded(to: 1)) s" } ?? (isFollowed ? "not before the next fault" : "not before the end")
    }

    /// Of `seconds`, those after the standstill: what catching up took.
    public var afterwards: Double? {
        guard let seconds, let standstill else { return nil }
        return max(0, seconds - standstill)
    }
}

extension Recovery {
    /// - Parameter objective: milliseconds.
    package static func all(
        of faults: [FaultMark], _ stretches: [StretchResult], _ standstills: [Standstill]?, objective: Double
    ) -> [Recovery] {
        let due = stretches.filter { $0.records > 0 }
        return faults.enumerated().map { index, fault in
            let next = index + 1 < faults.count ? faults[index + 1].at : .infinity
            let isFollowed = next < .infinity
            // One that lasts into the next fault is not over before it.
            let standstill = standstills.map { all in
                all.filter { $0.until > fault.at && $0.from < next }.map { min($0.until, next) - fault.at }.max() ?? 0
            }
            func recovery(_ seconds: Double?) -> Recovery {
                Recovery(fault: fault, seconds: seconds, standstill: standstill, isFollowed: isFollowed)
            }
            // The second that the fault falls into counts: records due before it may be late of it. That of the next
            // fault is the next one's.
            let own = due.filter { $0.from + $0.seconds > fault.at && $0.from + $0.seconds <= next }
            guard !own.isEmpty else { return recovery(nil) }
            let bad = own.last { stretch in stretch.p99.map { $0 > objective } ?? true }
            guard let bad else { return recovery(0) }
            let isOver = bad.from < (own.last?.from ?? 0)
            return recovery(isOver ? bad.from + bad.seconds - fault.at : nil)
        }
    }
}

extension RunResult {
    public var recoveries: [Recovery] {
        Recovery.all(of: faults, load.stretches, load.standstills, objective: objectiveP99 ?? .infinity)
    }
}
