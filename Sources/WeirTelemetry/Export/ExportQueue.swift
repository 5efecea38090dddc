// What waits to be sent: bounded, because telemetry must never cost more memory than it is worth.

internal import Synchronization
package import WeirObserve

/// Many put in, one takes out. The lock is held for an append or an exchange of two arrays.
package final class ExportQueue<Item: Sendable>: Sendable {
    private struct State {
        var items: [Item] = []
        var counts = ExportCounts()
    }

    private let state = Mutex(State())
    private let capacity: Int

    package init(capacity: Int) { self.capacity = capacity }

    /// What does not fit is dropped, and counted.
    package func put(_ new: [Item]) {
        state.withLock { state in
            let room = max(0, capacity - state.items.count)
            state.items.append(contentsOf: new.prefix(room))
            state.counts.overflow += Int64(max(0, new.count - room))
        }
    }

    package func takeAll() -> [Item] {
        state.withLock { state in
            var taken: [Item] = []
            swap(&taken, &state.items)
            return taken
        }
    }

    package func count(_ note: (inout ExportCounts) -> Void) { state.withLock { note(&$0.counts) } }

    package var counts: ExportCounts { state.withLock { $0.counts } }
}
