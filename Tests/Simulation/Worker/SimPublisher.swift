// Publishes rows of the outbox first in, first out, after a while, as Publisher does.

import WeirKafka
import WeirRuntime

struct SimPublisher {
    private struct Row {
        let stored: StoredMessages
        let dueAt: Int64
    }

    private var rows: [Row] = []
    private var queued: Set<Int64> = []
    private(set) var done: [Int64] = []

    var backlogBytes: Int { rows.reduce(0) { $0 + $1.stored.messages.count * 100 } }

    /// False if it is queued already.
    mutating func add(_ stored: StoredMessages, dueAt: Int64) -> Bool {
        guard queued.insert(stored.id).inserted else { return false }
        rows.append(Row(stored: stored, dueAt: dueAt))
        return true
    }

    mutating func work(_ now: Int64, publish: (StoredMessages) -> Void) {
        let count = rows.prefix { $0.dueAt <= now }.count
        for row in rows.prefix(count) {
            publish(row.stored)
            done.append(row.stored.id)
        }
        rows.removeFirst(count)
    }

    mutating func drop(_ partitions: [TopicPartition]) {
        for row in rows where partitions.contains(row.stored.source) { queued.remove(row.stored.id) }
        rows.removeAll { partitions.contains($0.stored.source) }
    }

    mutating func forget(_ ids: [Int64]) {
        done.removeAll { ids.contains($0) }
        queued.subtract(ids)
    }
}
