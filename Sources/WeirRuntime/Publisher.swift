// Takes committed outbox rows to Kafka, and knows which of them may be deleted.

internal import Logging
internal import WeirKafka

/// Publishes rows of weir.outbox in order. A row is done when the broker has acknowledged every message
/// of it; the next commit deletes it. After a crash the next owner publishes what was not deleted, so a
/// message may appear twice: its `idempotency-key` header is then the same.
final class Publisher {
    private struct Row {
        let id: Int64
        var messages: [OutboxMessage]
        /// Index of the first message that is not handed to librdkafka yet.
        var next = 0
        var outstanding = 0
        /// When a failed row is tried again, on the monotonic clock.
        var retryAt: Int64 = 0
        var failed = false
    }

    private let producer: KafkaProducer
    private let logger: Logger
    /// By ticket. Tickets rise with the order of `add`.
    private var rows: [Int: Row] = [:]
    private var unsent: [Int] = []
    private var known: Set<Int64> = []
    private var nextTicket = 1
    /// Rows that the broker has acknowledged, to be deleted.
    private(set) var done: [Int64] = []
    private(set) var published: Int64 = 0

    static let retryDelay: Int64 = 500_000

    init(producer: KafkaProducer, logger: Logger) {
        self.producer = producer
        self.logger = logger
    }

    var isIdle: Bool { rows.isEmpty }

    /// Messages of rows that are not done yet.
    private(set) var backlog = 0

    /// Queues a row, unless it is queued already.
    func add(id: Int64, messages: [OutboxMessage]) {
        guard known.insert(id).inserted else { return }
        rows[nextTicket] = Row(id: id, messages: messages)
        unsent.append(nextTicket)
        nextTicket += 1
        backlog += messages.count
    }

    /// Hands over what fits, and takes in what the broker said. Never blocks.
    func work() {
        producer.pollDeliveries(milliseconds: 0) { settle($0) }
        guard !unsent.isEmpty else { return }
        let now = WallClock.monotonic()
        var index = 0
        while index < unsent.count {
            let ticket = unsent[index]
            if let retryAt = rows[ticket]?.retryAt, retryAt > now {
                index += 1
                continue
            }
            guard send(ticket) else { break }
            unsent.remove(at: index)
            finishIfDone(ticket)
        }
    }

    /// False if librdkafka's queue is full.
    private func send(_ ticket: Int) -> Bool {
        while let row = rows[ticket], row.next < row.messages.count {
            let message = row.messages[row.next]
            do {
                guard
                    try producer.send(
                        topic: message.topic, key: message.key, payload: message.payload, headers: message.headers,
                        ticket: ticket)
                else { return false }
                rows[ticket]?.outstanding += 1
            } catch {
                refuse(message, error)
            }
            rows[ticket]?.next += 1
        }
        return true
    }

    private func settle(_ delivery: Delivery) {
        guard rows[delivery.ticket] != nil else { return }
        rows[delivery.ticket]?.outstanding -= 1
        if let error = delivery.error {
            if error.isMessageRefused {
                logger.error(
                    "a broker refuses a message for good; it stays in PostgreSQL only",
                    metadata: ["topic": "\(delivery.topic)", "error": "\(error)"])
            } else {
                logger.warning(
                    "publishing failed, will be tried again",
                    metadata: ["topic": "\(delivery.topic)", "error": "\(error)"])
                rows[delivery.ticket]?.failed = true
            }
        } else {
            published += 1
        }
        finishIfDone(delivery.ticket)
    }

    private func finishIfDone(_ ticket: Int) {
        guard let row = rows[ticket], row.outstanding == 0, row.next == row.messages.count else { return }
        if row.failed {
            rows[ticket] = Row(
                id: row.id, messages: row.messages, retryAt: WallClock.monotonic() + Self.retryDelay)
            if !unsent.contains(ticket) { unsent.append(ticket) }
        } else {
            rows[ticket] = nil
            backlog -= row.messages.count
            done.append(row.id)
        }
    }

    private func refuse(_ message: OutboxMessage, _ error: KafkaError) {
        logger.error(
            "a message cannot be published; it stays in PostgreSQL only",
            metadata: ["topic": "\(message.topic)", "error": "\(error)"])
    }

    /// Rows that the caller has deleted.
    func forget(_ ids: [Int64]) {
        done.removeAll { ids.contains($0) }
        known.subtract(ids)
    }
}
