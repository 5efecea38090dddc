// Takes committed outbox rows to Kafka in order, and knows which of them may be deleted.

package import Logging
internal import WeirCore
package import WeirKafka
package import WeirObserve

/// Publishes rows of weir.outbox first in, first out. A row is done when it and all rows before it are
/// acknowledged; the next commit deletes it. If a message fails, everything from its row on is sent again
/// in order, so that the newest revision of a window is also the last. After a crash the next owner
/// publishes what was not deleted: a message may appear twice, with the same `idempotency-key` header.
///
/// A row waits a moment before it goes. What goes for a window then is its newest revision, out of a later row if need
/// be, and those before it are not sent at all: busy windows change with every commit, and consumers want their newest
/// state, not each step to it. A window that changes all the time is so sent once in each such moment.
package final class Publisher {
    private struct Row {
        let id: Int64
        let source: TopicPartition
        let messages: [OutboxMessage]
        /// Of the row's messages; rises from row to row.
        let ticket: Int
        let addedAt: Int64
        let bytes: Int
        /// The batch that made it.
        let trace: TraceContext?
        /// Index of the first message that is not dealt with yet.
        var next = 0
        var outstanding = 0
    }

    /// Of a window: where its newest revision stands, and up to which ticket its revisions are dealt with.
    private struct Window {
        var ticket: Int
        var index: Int
        var sent = 0
    }

    private let producer: KafkaProducer
    private let logger: Logger
    /// Oldest first.
    private var rows: [Row] = []
    private var lastTicket = 0
    /// Index of the first row with a message that is not dealt with.
    private var sending = 0
    private var queued: Set<Int64> = []
    private var outstanding = 0
    /// Something failed: wait for the rest of what is outstanding, then begin again with the first row.
    private var mustResend = false
    /// Topic of revisions; nil if the topology publishes none.
    private let revisions: String?
    /// By the key of their messages: those with a row.
    private var windows: [[UInt8]: Window] = [:]
    /// Set when there will be nothing to wait for any more.
    var isLeaving = false
    private var resendAt: Int64 = 0
    private var now: Int64 = 0
    /// Rows that the broker has acknowledged, to be deleted.
    package private(set) var done: [Int64] = []
    package private(set) var published: Int64 = 0
    /// Of traced rows that are done: from being added to the last acknowledgement. Whoever wants them takes them.
    private var finished: [Publication] = []
    /// Of rows that are not done yet.
    private(set) var backlogBytes = 0
    /// Messages of those rows.
    private(set) var backlogMessages = 0
    /// Set when the producer can never send again, as without the right to write idempotently.
    private(set) var fatalError: KafkaError?

    static let retryDelay: Int64 = 500_000
    /// How long a row waits for its revisions to be replaced, in microseconds.
    static let linger: Int64 = 250_000

    package init(producer: KafkaProducer, revisions: String?, logger: Logger) {
        self.producer = producer
        self.revisions = revisions
        self.logger = logger
    }

    package var isIdle: Bool { rows.isEmpty }

    /// Queues a row, unless it is queued already.
    ///
    /// - Parameters:
    ///   - now: on the monotonic clock, in microseconds, here and below.
    ///   - trace: of the batch that made it, if its span is wanted.
    package func add(_ stored: StoredMessages, at now: Int64 = WallClock.monotonic(), trace: TraceContext? = nil) {
        guard queued.insert(stored.id).inserted else { return }
        let bytes = stored.messages.reduce(0) { $0 + ($1.payload?.count ?? 0) + 200 }
        lastTicket += 1
        rows.append(
            Row(
                id: stored.id, source: stored.source, messages: stored.messages, ticket: lastTicket,
                addedAt: now, bytes: bytes, trace: trace))
        note(rows.count - 1)
        backlogBytes += bytes
        backlogMessages += stored.messages.count
    }

    /// When the oldest row that is not done came, on the monotonic clock.
    var oldestAddedAt: Int64? { rows.first?.addedAt }

    /// Hands over what fits, and takes in what the broker said. Never blocks.
    package func work(at now: Int64 = WallClock.monotonic()) {
        self.now = now
        producer.pollDeliveries(milliseconds: 0) { settle($0) }
        if mustResend {
            guard outstanding == 0, now >= resendAt else { return }
            mustResend = false
            for index in rows.indices { rows[index].next = 0 }
            for key in windows.keys { windows[key]?.sent = 0 }
            sending = 0
        }
        while sending < rows.count, isLeaving || now - rows[sending].addedAt >= Self.linger, send(sending) {
            sending += 1
        }
        finishRows()
    }

    /// False if librdkafka's queue is full or sending failed.
    private func send(_ row: Int) -> Bool {
        while rows[row].next < rows[row].messages.count {
            let message = rows[row].messages[rows[row].next]
            let key = message.topic == revisions ? message.key : nil
            guard let key, let window = windows[key], let newest = self.row(ticket: window.ticket) else {
                guard hand(message, of: row) else { return false }
                rows[row].next += 1
                continue
            }
            if window.sent < rows[row].ticket {
                guard hand(rows[newest].messages[window.index], of: newest) else { return false }
                windows[key]?.sent = window.ticket
            }
            rows[row].next += 1
        }
        return true
    }

    /// Gives a message to librdkafka; false if that failed and is to be tried again.
    private func hand(_ message: OutboxMessage, of row: Int) -> Bool {
        do {
            guard
                try producer.send(
                    topic: message.topic, key: message.key, payload: message.payload, headers: message.headers,
                    ticket: rows[row].ticket)
            else { return false }
            rows[row].outstanding += 1
            outstanding += 1
            CrashPoint.reach(.whilePublishing)
        } catch  where error.isMessageRefused {
            refused(message.topic, error)
        } catch {
            failed(message.topic, error)
            return false
        }
        return true
    }

    private func row(ticket: Int) -> Int? {
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].ticket < ticket { low = middle + 1 } else { high = middle }
        }
        return low < rows.count && rows[low].ticket == ticket ? low : nil
    }

    private func settle(_ delivery: Delivery) {
        outstanding -= 1
        if let row = row(ticket: delivery.ticket) { rows[row].outstanding -= 1 }
        guard let error = delivery.error else {
            published += 1
            return
        }
        if error.isMessageRefused { refused(delivery.topic, error) } else { failed(delivery.topic, error) }
    }

    private func finishRows() {
        guard !mustResend else { return }
        var count = 0
        for row in rows {
            guard row.outstanding == 0, row.next == row.messages.count else { break }
            done.append(row.id)
            if let trace = row.trace {
                finished.append(
                    Publication(
                        trace: trace, source: row.source, messages: row.messages.count, from: row.addedAt, to: now))
            }
            backlogBytes -= row.bytes
            backlogMessages -= row.messages.count
            count += 1
        }
        for row in rows.prefix(count) {
            for message in row.messages where message.topic == revisions {
                if let key = message.key, windows[key]?.ticket == row.ticket { windows[key] = nil }
            }
        }
        rows.removeFirst(count)
        sending -= count
    }

    private func failed(_ topic: String, _ error: KafkaError) {
        if error.isFatal { fatalError = error }
        if !mustResend {
            logger.warning(
                "publishing failed, will be tried again", metadata: ["topic": "\(topic)", "error": "\(error)"])
        }
        mustResend = true
        resendAt = now + Self.retryDelay
    }

    private func refused(_ topic: String, _ error: KafkaError) {
        logger.error(
            "a broker refuses a message for good; it stays in PostgreSQL only",
            metadata: ["topic": "\(topic)", "error": "\(error)"])
    }

    /// Partitions went to another worker, which publishes their rows: those not begun are left to it.
    package func drop(_ partitions: [TopicPartition]) {
        guard sending < rows.count else { return }
        let from = rows[sending].next > 0 ? sending + 1 : sending
        guard from < rows.count else { return }
        let gone = rows[from...].filter { partitions.contains($0.source) }
        for row in gone {
            backlogBytes -= row.bytes
            backlogMessages -= row.messages.count
            queued.remove(row.id)
        }
        rows[from...].removeAll { partitions.contains($0.source) }
        let before = windows
        windows.removeAll(keepingCapacity: true)
        for index in rows.indices { note(index) }
        for key in windows.keys { windows[key]?.sent = before[key]?.sent ?? 0 }
    }

    /// Notes that the row has the newest revision of its windows.
    private func note(_ row: Int) {
        for (index, message) in rows[row].messages.enumerated() where message.topic == revisions {
            guard let key = message.key else { continue }
            let sent = windows[key]?.sent ?? 0
            windows[key] = Window(ticket: rows[row].ticket, index: index, sent: sent)
        }
    }

    package func takeFinished() -> [Publication] {
        guard !finished.isEmpty else { return [] }
        defer { finished = [] }
        return finished
    }

    /// Rows that the caller has deleted.
    package func forget(_ ids: [Int64]) {
        let gone = Set(ids)
        done.removeAll { gone.contains($0) }
        queued.subtract(gone)
    }
}
