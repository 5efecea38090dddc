// Where the batch that is being committed stands, between the thread that filled it and the one that writes it.

internal import Synchronization

/// The lock is never contended: the filling thread touches the slot only while nothing is being committed.
package final class BatchSlot: Sendable {
    private let batch: Mutex<OpenBatch>

    package init(_ batch: consuming OpenBatch) { self.batch = Mutex(batch) }

    package func with<Result: ~Copyable>(_ body: (borrowing OpenBatch) throws -> sending Result) rethrows
        -> sending Result
    {
        try batch.withLock { try body($0) }
    }

    func exchange(_ other: inout OpenBatch) {
        batch.withLock { swap(&$0, &other) }
    }
}
