// Notices when records become dead letters by the dozen.

/// The share is taken of the newest `over` records, in whole batches, and of all that are open: a batch has some
/// partitions' records only, and one of those may be worse than the rest.
public struct DeadLetterBreaker: Sendable {
    public let policy: BreakerPolicy
    public private(set) var records = 0
    public private(set) var letters = 0
    private var batches: [(records: Int, letters: Int)] = []
    /// Batches before this one are forgotten.
    private var oldest = 0

    public init(_ policy: BreakerPolicy) { self.policy = policy }

    /// Takes in a batch; true if the share of dead letters is too high with it.
    ///
    /// - Parameter open: of the batches that are open beside it; they are taken in when their turn comes.
    public mutating func trips(
        records count: Int, letters bad: Int, open: (records: Int, letters: Int) = (0, 0)
    ) -> Bool {
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
        let all = (records: records + open.records, letters: letters + open.letters)
        return all.records >= policy.over && all.letters * 100 > all.records * policy.deadLetterPercent
    }
}
