// Notices when records become dead letters by the dozen.

/// The share is taken of the newest `over` records, in whole batches.
public struct DeadLetterBreaker: Sendable {
    public let policy: BreakerPolicy
    public private(set) var records = 0
    public private(set) var letters = 0
    private var batches: [(records: Int, letters: Int)] = []
    /// Batches before this one are forgotten.
    private var oldest = 0

    public init(_ policy: BreakerPolicy) { self.policy = policy }

    /// Takes in a batch; true if the share of dead letters is too high with it.
    public mutating func trips(records count: Int, letters bad: Int) -> Bool {
        guard count > 0 else { return false }
        batches.append((count, bad))
        records += count
        letters += bad
        // A long good time before must not hide that nothing goes through any more.
        while records - batches[oldest].records >= policy.over {
            records -= batches[oldest].records
            letters -= batches[oldest].letters
            oldest += 1
        }
        if oldest * 2 > batches.count {
            batches.removeFirst(oldest)
            oldest = 0
        }
        return records >= policy.over && letters * 100 > records * policy.deadLetterPercent
    }
}
