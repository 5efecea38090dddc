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
/// Under load a single batch has most windows that there are, and a record waits for their rows in the rest of the batch
/// before its own, and in its own. Dealt out to n batches that are committed in turn, the same rows take the same time,
/// but a record's own transaction is an n-th of it. What each transaction costs whatever is in it is paid n times: so there
/// are more of them only where the rows are most of the time, and where there is time to be won.
///
/// With R for all rows' time and a for one transaction's own, a record waits (n a + R)(1/2 + 1/n) on average: two are better
/// than one where R/a passes 1, four than two where it passes 4, eight than four at 16. A transaction is two ways to the
/// server and back, so a is taken for two of its ends: up it goes where a transaction's rows take 2, 4 or 8 ends, and back
/// where all rows take half of what that was.
package struct LaneCount: Sendable, Equatable {
    package static let most = 8
    /// Microseconds of a turn below which nothing is split, since nobody notices; below half of it all come together.
    package static let worthwhile: Int64 = 10_000

    package private(set) var count = 1
    private var sum = TransactionTime(whole: 0, end: 0)
    private var transactions = 0

    package init() {}

    /// Transactions that are judged together: a turn, and some more if that is short.
    package var judged: Int { max(4, count) }

    package mutating func committed(_ time: TransactionTime) {
        sum.whole += time.whole
        sum.end += time.end
        transactions += 1
        guard transactions == judged else { return }
        let lanes = Int64(count)
        let rows = sum.whole - 2 * sum.end
        let turn = sum.whole / Int64(transactions) * lanes
        if rows > 2 * lanes * sum.end, turn > Self.worthwhile {
            count = min(Self.most, count * 2)
        } else if 4 * rows < lanes * sum.end || turn < Self.worthwhile / 2 {
            count = max(1, count / 2)
        }
        sum = TransactionTime(whole: 0, end: 0)
        transactions = 0
    }
}
