// Notices when records become dead letters by the dozen.

/// The share is taken of the newest `over` to twice `over` records.
public struct DeadLetterBreaker: Sendable, Equatable {
    public let policy: BreakerPolicy
    private var older = (records: 0, letters: 0)
    private var newer = (records: 0, letters: 0)

    public init(_ policy: BreakerPolicy) { self.policy = policy }

    public var records: Int { older.records + newer.records }
    public var letters: Int { older.letters + newer.letters }

    /// Takes in a batch; true if the share of dead letters is too high with it.
    public mutating func trips(records count: Int, letters bad: Int) -> Bool {
        if newer.records >= policy.over {
            older = newer
            newer = (0, 0)
        }
        newer.records += count
        newer.letters += bad
        // By the batch alone, too: a long good time before must not hide that nothing goes through any more.
        return isTooMany(newer.letters, of: newer.records) || isTooMany(letters, of: records)
    }

    private func isTooMany(_ bad: Int, of all: Int) -> Bool {
        all >= policy.over && bad * 100 > all * policy.deadLetterPercent
    }

    public static func == (a: DeadLetterBreaker, b: DeadLetterBreaker) -> Bool {
        a.policy == b.policy && a.older == b.older && a.newer == b.newer
    }
}
