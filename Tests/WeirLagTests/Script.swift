// Looks at a partition, written down in seconds.

import WeirLag

/// A window that grows look by look, with a tolerance of 15 s unless told otherwise.
struct Script {
    let rules: LagRules
    private(set) var window: LagWindow

    init(tolerance: Int64 = 15) {
        rules = LagRules(tolerance: tolerance * 1_000_000)
        window = LagWindow(span: rules.span)
    }

    /// A look that took no time.
    ///
    /// - Parameter next: nil for what offsets say: a record at the committed offset (or the log's start), or nothing.
    @discardableResult
    mutating func look(
        _ seconds: Int64, committed: Int64?, start: Int64 = 0, end: Int64, next: Observation.Next? = nil,
        assigned: Bool? = true
    ) -> LagVerdict {
        let from = max(committed ?? 0, start)
        let found: Observation.Next = from < end ? .record(offset: from, timestamp: 0) : .nothing
        window.add(
            Observation(
                askedAt: seconds * 1_000_000, answeredAt: seconds * 1_000_000, committed: committed, start: start,
                end: end, next: next ?? found, isAssigned: assigned))
        return verdict
    }

    mutating func fail(_ words: String) -> LagVerdict {
        window.fail(words)
        return verdict
    }

    var verdict: LagVerdict { rules.judge(window) }
    var state: LagState { verdict.state }
}
