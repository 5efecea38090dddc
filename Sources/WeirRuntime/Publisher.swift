// Takes committed outbox rows to Kafka in order, and knows which of them may be deleted.

internal import Logging
internal import WeirCore
internal import WeirKafka

/// Publishes rows of weir.outbox first in, first out. A row is done when it and all rows before it are
/// acknowledged; the next commit deletes it. If a message fails, everything from its row on is sent again
/// in order, so that the newest revision of a window is also the last. After a crash the next owner
/// publishes what was not deleted: a message may appear twice, with the same `idempotency-key` header.
///
/// A row waits a moment before it goes. A revision that a later row replaces meanwhile is not sent at all:
/// busy windows change with every commit, and consumers want their newest state, not each step to it.
final class Publisher {
    private struct Row {
        let id: Int64
        let source: TopicPartition
        let messages: [OutboxMessage]
        /// Index of the first message that is not handed to librdkafka yet.
        var next = 0
        var outstanding = 0
        var bytes: Int
        let addedAt: Int64
    }

    private let producer: KafkaProducer
    private let logger: Logger
    /// Oldest first. The ticket of a row's messages is its number since the start, `firstTicket` for the first.
    private var rows: [Row] = []
    private var firstTicket = 1
    /// Index of the first row with a message that is not handed over.
    private var sending = 0
    private var queued: Set<Int64> = []
    private var outstanding = 0
    /// Something failed: wait for the rest of what is outstanding, then begin again with the first row.
    private var mustResend = false
    /// Topic of revisions; nil if the topology publishes none.
    private let revisions: String?
    /// For each key of that topic the ticket of the last row that has a message for it.
    private var newest: [[UInt8]: Int] = [:]
    /// Set when there will be nothing to wait for any more.
    var isLeaving = false
    private var resendAt: Int64 = 0
    /// Rows that the broker has acknowledged, to be deleted.
    private(set) var done: [Int64] = []
    private(set) var published: Int64 = 0
    /// Of rows that are not done yet.
    private(set) var backlogBytes = 0
    /// Messages of those rows.
    private(set) var backlogMessages = 0
    /// Set when the producer can never send again, as without the right to write idempotently.
    private(set) var fatalError: KafkaError?

    static let retryDelay: Int64 = 500_000
    /// How long a row waits for its revisions to be replaced, in microseconds.
    static let linger: Int64 = 250_000

    init(producer: KafkaProducer, revisions: String?, logger: Logger) {
        self.producer = producer
        self.revisions = revisions
        self.logger = logger
    }

    var isIdle: Bool { rows.isEmpty }

    /// Queues a row, unless it is queued already.
    func add(_ stored: StoredMessages) {
        guard queued.insert(stored.id).inserted else { return }
        let bytes = stored.messages.reduce(0) { $0 + ($1.payload?.count ?? 0) + 200 }
        rows.append(
            Row(
                id: stored.id, source: stored.source, messages: stored.messages, bytes: bytes,
                addedAt: WallClock.monotonic()))
        note(rows.count - 1)
        backlogBytes += bytes
        backlogMessages += stored.messages.count
    }

    /// When the oldest row that is not done came, on the monotonic clock.
    var oldestAddedAt: Int64? { rows.first?.addedAt }

    /// Hands over what fits, and takes in what the broker said. Never blocks.
    func work() {
        producer.pollDeliveries(milliseconds: 0) { settle($0) }
        if mustResend {
            guard outstanding == 0, WallClock.monotonic() >= resendAt else { return }
            mustResend = false
            for index in rows.indices { rows[index].next = 0 }
            sending = 0
        }
        let now = WallClock.monotonic()
        while sending < rows.count, isLeaving || now - rows[sending].addedAt >= Self.linger, send(sending) {
            sending += 1
        }
        finishRows()
    }

    /// False if librdkafka's queue is full or sending failed.
    private func send(_ index: Int) -> Bool {
        while rows[index].next < rows[index].messages.count {
            let message = rows[index].messages[rows[index].next]
            if isReplaced(message, ticket: firstTicket + index) {
                rows[index].next += 1
                continue
            }
            do {
                guard
                    try producer.send(
                        topic: message.topic, key: message.key, payload: message.payload, headers: message.headers,
                        ticket: firstTicket + index)
                else { return false }
                rows[index].outstanding += 1
                outstanding += 1
                CrashPoint.reach(.whilePublishing)
            } catch  where error.isMessageRefused {
                refused(message.topic, error)
            } catch {
                failed(message.topic, error)
                return false
            }
            rows[index].next += 1
        }
        return true
    }

    private func isReplaced(_ message: OutboxMessage, ticket: Int) -> Bool {
        guard message.topic == revisions, let key = message.key, let last = newest[key] else { return false }
        return last > ticket
    }

    private func settle(_ delivery: Delivery) {
        outstanding -= 1
        let index = delivery.ticket - firstTicket
        if rows.indices.contains(index) { rows[index].outstanding -= 1 }
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
            backlogBytes -= row.bytes
            backlogMessages -= row.messages.count
            count += 1
        }
        for (index, row) in rows.prefix(count).enumerated() {
            for message in row.messages where message.topic == revisions {
                if let key = message.key, newest[key] == firstTicket + index { newest[key] = nil }
            }
        }
        rows.removeFirst(count)
        firstTicket += count
        sending -= count
    }

    private func failed(_ topic: String, _ error: KafkaError) {
        if error.isFatal { fatalError = error }
        if !mustResend {
            logger.warning(
                "publishing failed, will be tried again", metadata: ["topic": "\(topic)", "error": "\(error)"])
        }
        mustResend = true
        resendAt = WallClock.monotonic() + Self.retryDelay
    }

    private func refused(_ topic: String, _ error: KafkaError) {
        logger.error(
            "a broker refuses a message for good; it stays in PostgreSQL only",
            metadata: ["topic": "\(topic)", "error": "\(error)"])
    }

    /// Partitions went to another worker, which publishes their rows: those not begun are left to it.
    func drop(_ partitions: [TopicPartition]) {
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
        // The rows behind have moved up.
        newest.removeAll(keepingCapacity: true)
        for index in rows.indices { note(index) }
    }

    /// Notes that the row is the last one with a message for each of its keys.
    private func note(_ index: Int) {
        for message in rows[index].messages where message.topic == revisions {
            if let key = message.key { newest[key] = firstTicket + index }
        }
    }

    /// Rows that the caller has deleted.
    func forget(_ ids: [Int64]) {
        let gone = Set(ids)
        done.removeAll { gone.contains($0) }
        queued.subtract(gone)
    }
}
