// Sends dead letters to their topics again, and marks each once the broker has it.

package import WeirCore
internal import WeirKafka
internal import WeirPostgres

/// Replays in batches: lock some rows, publish them, wait for every acknowledgement, mark, commit.
///
/// Invariants: a row is marked only after the broker acknowledged its record. Killed before the commit, the next run
/// publishes the batch again, which counts nothing twice: the idempotency key is the same, in the same partition. Rows
/// that another run has locked are passed over. A dead letter that comes back while the run goes on is left for
/// another run.
package final class DeadLetterReplay {
    package struct Options: Sendable {
        package var maxReplays: Int32 = 3
        /// Records a second; nil is as fast as possible.
        package var rate: Double?
        /// Records to send at the most; nil is all.
        package var limit: Int?

        package init() {}
    }

    package struct Outcome: Sendable {
        package fileprivate(set) var replayed = 0
        package fileprivate(set) var quarantined: [Int64] = []
        /// Records that the broker will never take as they are, and why.
        package fileprivate(set) var refused: [(id: Int64, why: String)] = []
        /// Where the last one stands.
        package fileprivate(set) var lastPlace = ""
    }

    private let store: DeadLetterStore
    private let brokers: String
    private let admin: KafkaAdmin
    private let producer: KafkaProducer
    private let waker: Waker
    private var partitions: [String: Int] = [:]
    package private(set) var outcome = Outcome()
    private var pace = Pace(rate: nil)

    private static let batchRows = 200
    private static let batchBytes = 16 << 20

    /// - Throws: `WeirError(.usage)` for a Kafka setting that librdkafka does not know.
    package init(store: DeadLetterStore, brokers: String, settings: [(name: String, value: String)])
        throws(WeirError)
    {
        self.store = store
        self.brokers = brokers
        let waker = Waker()
        do {
            admin = try KafkaAdmin([("bootstrap.servers", brokers), ("log.connection.close", "false")] + settings)
            producer = try KafkaProducer(
                Job.producerSettings(
                    brokers: brokers, client: "weir-dlq", settings: [("message.timeout.ms", "30000")] + settings),
                waker: waker, log: { _, _, _ in })
        } catch {
            throw WeirError(
                .usage, "--kafka: \(error.message)", advice: "librdkafka's CONFIGURATION.md lists the settings.")
        }
        self.waker = waker
    }

    /// Asks for the topics before anything is done.
    ///
    /// - Throws: `WeirError(.unavailable)` if no broker answers, `.badData` for a topic that is not there.
    package func check(topics: [String]) throws(WeirError) {
        for topic in topics {
            let count: Int?
            do {
                count = try admin.partitions(of: topic)
            } catch {
                throw WeirError(.unavailable, "\(error)", advice: "Is a broker up at \(brokers)?")
            }
            guard let count else {
                throw WeirError(
                    .badData, "there is no topic \(topic) on \(brokers)",
                    advice: "Nothing was sent. Create it, or choose others with --topic.")
            }
            partitions[topic] = count
        }
    }

    /// Replays what the filter finds, until there is no more of it or `shouldStop`.
    ///
    /// - Parameter meanwhile: called after every batch.
    package func run(
        _ filter: DeadLetterFilter, _ options: Options, shouldStop: () -> Bool, meanwhile: (Outcome) -> Void
    ) throws {
        pace = Pace(rate: options.rate)
        // What comes back meanwhile has higher ids: a record goes round once per run.
        let newest = try store.extent(filter).newest
        var after: Int64 = 0
        while !shouldStop() {
            let left = options.limit.map { $0 - outcome.replayed } ?? .max
            guard left > 0 else { return }
            // The transaction is kept to about a second of sending.
            let rows = min(left, options.rate.map { max(1, min(Int($0), Self.batchRows)) } ?? Self.batchRows)
            waitForTurn(shouldStop)
            try store.begin()
            do {
                let candidates = try store.lock(
                    filter, after: after, newest: newest, maxReplays: options.maxReplays, limit: rows)
                guard let reached = try replay(candidates, shouldStop) else {
                    try store.commit()
                    return
                }
                after = reached
            } catch {
                store.rollback()
                throw error
            }
            meanwhile(outcome)
        }
    }

    /// Replays one dead letter with another key or payload.
    package func run(_ letter: StoredDeadLetter, with edit: EditedRecord) throws {
        try check(topics: [letter.summary.topic])
        var filter = DeadLetterFilter(states: DeadLetterFilter.open)
        filter.ids = [letter.summary.id]
        try store.begin()
        do {
            let free = try store.lock(filter, after: 0, newest: .max, maxReplays: .max, limit: 1)
            guard !free.isEmpty else {
                throw WeirError(
                    .badData, "dead letter \(letter.summary.id) is being replayed by somebody else, or just was",
                    advice: "Look at it with `weir dlq show \(letter.summary.id)`.")
            }
            try publish([letter], edit: edit, { false })
        } catch {
            store.rollback()
            throw error
        }
    }

    // MARK: One batch

    /// - Returns: the id up to which it is done; nil if there was nothing to do.
    private func replay(_ candidates: [DeadLetterStore.Candidate], _ shouldStop: () -> Bool) throws -> Int64? {
        guard !candidates.isEmpty else { return nil }
        var bytes = 0
        let batch = candidates.prefix { candidate in
            defer { bytes += candidate.bytes }
            return bytes == 0 || bytes + candidate.bytes <= Self.batchBytes
        }
        let exhausted = batch.filter(\.isExhausted).map(\.id)
        if !exhausted.isEmpty { try store.quarantine(exhausted) }
        let letters = try store.letters(batch.filter { !$0.isExhausted }.map(\.id))
        try check(topics: Set(letters.map(\.summary.topic)).filter { partitions[$0] == nil })
        try publish(letters, edit: nil, shouldStop)
        outcome.quarantined += exhausted
        return batch.last?.id
    }

    private func check(topics: Set<String>) throws(WeirError) { try check(topics: topics.sorted()) }

    /// Publishes, marks what the broker acknowledged, and commits.
    private func publish(_ letters: [StoredDeadLetter], edit: EditedRecord?, _ shouldStop: () -> Bool) throws {
        var acknowledged: [DeadLetterStore.Acknowledged] = []
        var refused: [(Int64, String)] = []
        var failure: KafkaError?
        func settle(_ delivery: Delivery) {
            let letter = letters[delivery.ticket].summary
            if let error = delivery.error {
                if error.isMessageRefused {
                    refused.append((letter.id, "\(error)"))
                } else {
                    failure = failure ?? error
                }
            } else {
                acknowledged.append(.init(id: letter.id, partition: delivery.partition, offset: delivery.offset))
                outcome.lastPlace = "\(letter.topic)/\(delivery.partition)/\(delivery.offset)"
            }
        }
        for (ticket, letter) in letters.enumerated() {
            while failure == nil, !shouldStop(), pace.wait(now: WallClock.monotonic()) > 0 {
                let wait = pace.wait(now: WallClock.monotonic()) / 1000
                producer.pollDeliveries(milliseconds: Int32(max(1, min(wait, 100))), settle)
            }
            guard failure == nil, !shouldStop() else { break }
            do {
                while try !send(letter, edit, ticket) { producer.pollDeliveries(milliseconds: 100, settle) }
                pace.take(now: WallClock.monotonic())
            } catch let error as KafkaError where error.isMessageRefused {
                refused.append((letter.summary.id, "\(error)"))
            } catch let error as KafkaError {
                failure = error
            }
        }
        // Ends: every message is acknowledged or given up after message.timeout.ms.
        while producer.pending > 0 { producer.pollDeliveries(milliseconds: 100, settle) }
        do {
            try store.markReplayed(acknowledged, edited: edit != nil)
            try store.commit()
        } catch let error as PostgresError {
            throw WeirError(
                error.isPermanent ? .bug : .unavailable,
                "\(acknowledged.count) records were sent but could not be marked as replayed: \(error)",
                advice: "Run the same command again. It sends them once more, and Weir counts none of them twice.")
        }
        outcome.replayed += acknowledged.count
        outcome.refused += refused
        if let failure {
            throw WeirError(
                .unavailable, "\(failure); \(outcome.replayed) dead letters were replayed before",
                advice: "Run the same command again when the broker at \(brokers) is well: it goes on where this one "
                    + "ended.")
        }
    }

    /// False if librdkafka's queue is full.
    private func send(_ letter: StoredDeadLetter, _ edit: EditedRecord?, _ ticket: Int) throws -> Bool {
        let summary = letter.summary
        let key = if let edit { edit.key } else { summary.key }
        let payload = if let edit { edit.payload } else { letter.payload }
        // Back to the partition it came from: Weir remembers idempotency keys by partition, and a copy of the record
        // that was counted already is known only there, whichever partitioner the producer used. With another key
        // it is another organisation's record and belongs where that key's records go.
        var partition: Int32?
        if key == summary.key, let count = partitions[summary.topic], summary.partition < count {
            partition = summary.partition
        }
        let marks = ReplayMarks(
            count: summary.replayCount + 1, firstSeen: summary.firstSeen, of: summary.id)
        return try producer.send(
            topic: summary.topic, partition: partition, key: key, payload: payload,
            headers: letter.headers + marks.headers, ticket: ticket)
    }

    private func waitForTurn(_ shouldStop: () -> Bool) {
        while !shouldStop() {
            let wait = pace.wait(now: WallClock.monotonic())
            guard wait > 0 else { return }
            waker.wait(milliseconds: Int32(min(max(1, wait / 1000), 100)))
        }
    }
}
