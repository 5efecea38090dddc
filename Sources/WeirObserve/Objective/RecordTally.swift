// Good records and all records, and what an objective makes of them: plain arithmetic.

public import WeirCore

public struct RecordTally: Sendable, Equatable {
    /// Committed within the objective's line.
    public private(set) var good: UInt64
    public private(set) var total: UInt64

    public init(good: UInt64 = 0, total: UInt64 = 0) {
        self.good = good
        self.total = total
    }

    public var bad: UInt64 { total - good }

    public mutating func add(good: UInt64, total: UInt64) {
        self.good &+= good
        self.total &+= total
    }

    public mutating func add(_ other: RecordTally) { add(good: other.good, total: other.total) }

    /// What came since `earlier`, which this one has grown from.
    public func since(_ earlier: RecordTally) -> RecordTally {
        RecordTally(good: good - earlier.good, total: total - earlier.total)
    }
}

extension Objective {
    /// The share that must be in time: 0.99.
    public var share: Double { Double(millionths) / 1_000_000 }

    /// The share that may be late: 0.01.
    public var allowance: Double { Double(1_000_000 - millionths) / 1_000_000 }

    /// The share that was in time; nil if there were no records: nothing was kept and nothing broken.
    public func compliance(_ tally: RecordTally) -> Double? {
        tally.total == 0 ? nil : Double(tally.good) / Double(tally.total)
    }

    /// How fast the budget is used: at 1 all of it goes in just the objective's time, at 14.4 in a fifteenth of that.
    public func burnRate(_ tally: RecordTally) -> Double? {
        tally.total == 0 ? nil : Double(tally.bad) / Double(tally.total) / allowance
    }

    /// What is left of the budget after the tally of the objective's time: 1 is all, 0 none, less is overspent.
    public func budgetLeft(_ tally: RecordTally) -> Double? { burnRate(tally).map { 1 - $0 } }
}
