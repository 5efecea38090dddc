// How long a fault is felt.

public struct Recovery: Sendable {
    public var fault: FaultMark
    /// From the fault to the end of the last second whose records were too late; nil if that is the last one.
    public var seconds: Double?
}

extension RunResult {
    public var recoveries: [Recovery] {
        let due = load.stretches.filter { $0.delivered > 0 }
        return faults.enumerated().map { index, fault in
            let next = index + 1 < faults.count ? faults[index + 1].at : .infinity
            // The second that the fault falls into counts: records due before it may be late of it.
            let own = due.filter { $0.from + $0.seconds > fault.at && $0.from < next }
            guard let last = own.last(where: { stretch in stretch.p99.map { $0 > objectiveP99 } ?? true }) else {
                return Recovery(fault: fault, seconds: 0)
            }
            let isOver = last.from < (own.last?.from ?? 0)
            return Recovery(fault: fault, seconds: isOver ? last.from + last.seconds - fault.at : nil)
        }
    }
}
