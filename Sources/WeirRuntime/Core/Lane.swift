// The batches that are being filled: one, or several that are committed in turn.

internal import WeirCore

/// One of the batches that are being filled. A pointer, because an object would be retained and released several times a
/// record, a thirtieth of what one costs. It belongs to the `WorkerCore` that allocated it, and so do the partitions that
/// know it: none of them has a life of its own.
typealias Lane = UnsafeMutablePointer<OpenBatch>

extension Lane {
    static func allocate(_ batch: consuming OpenBatch) -> Lane {
        let lane = Lane.allocate(capacity: 1)
        lane.initialize(to: batch)
        return lane
    }

    /// Once, at the end of its owner's life.
    func destroy() {
        deinitialize(count: 1)
        deallocate()
    }
}

/// What a transaction took, in microseconds.
package struct TransactionTime: Sendable, Equatable {
    /// From its first statement to the answer that it is in.
    package var whole: Int64
    /// From COMMIT to that answer: the way to the server and back, and its disk. The usage rows were in before.
    package var end: Int64

    package init(whole: Int64, end: Int64) {
        self.whole = whole
        self.end = end
    }
}

/// How many batches are filled at once, learnt from what the last ones took.
///
/// Under load a single batch has most windows that there are, and a record waits for all their rows twice: for the batch
/// before its own, and for its own. Dealt out to n batches that are committed in turn, the same rows take the same time,
/// but a record's own transaction is an n-th of it. What each transaction costs whatever is in it is paid n times: so there
/// are more of them only where the rows are most of the time.
///
/// With R for all rows' time and a for one transaction's own, a record waits (n a + R)(1/2 + 1/n) on average. Two are better
/// than one where R/a passes 1, four than two where it passes 4, eight than four at 16. A transaction is at least two ways
/// to the server and back, so a is taken for two of its ends.
package struct LaneCount: Sendable, Equatable {
    package static let most = 8
    /// Transactions that are looked at together.
    package static let judged = 4

    package private(set) var count = 1
    private var sum = TransactionTime(whole: 0, end: 0)
    private var transactions = 0

    package init() {}

    package mutating func committed(_ time: TransactionTime) {
        sum.whole += time.whole
        sum.end += time.end
        transactions += 1
        guard transactions == Self.judged else { return }
        let rows = sum.whole - 2 * sum.end
        if rows > 4 * sum.end {
            count = min(Self.most, count * 2)
        } else if rows < sum.end {
            count = max(1, count / 2)
        }
        sum = TransactionTime(whole: 0, end: 0)
        transactions = 0
    }
}
