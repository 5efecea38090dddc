// Sends records at the moments of a plan, whatever the system under test does meanwhile.

internal import Synchronization
internal import WeirCore
internal import WeirKafka

/// The schedule stands before the first record is sent and is never shifted: who is late sends late, and the record's
/// lag is counted from the moment when it should have gone.
final class OpenLoopSender: Sendable {
    /// What one run sends, and where.
    struct Job {
        let generator: Generator
        let producer: KafkaProducer
        var arrivals: Arrivals
        /// Topic → place of its partition 0 in the book.
        let places: [String: Int]
        /// Nanoseconds of `MonotonicClock` that moments are counted from.
        let start: Int64
        /// Moments that count.
        let window: Range<Int64>
        /// Length of a stretch; nanoseconds.
        let width: Int64
        /// Whether results are looked for, whose organisation is the record's key.
        let hasResults: Bool
        /// What is not sent by then never will be.
        let deadline: Int64
    }

    /// Of the records whose moment is in the window.
    struct Counts: Sendable {
        var scheduled = 0
        /// Of those, the ones that are no repeats and no poison: each must have a result.
        var events = 0
        var sent = 0
        var late = 0
        var unsent = 0
        var acknowledged = 0
        var failed = 0
        var worstLateness: Int64 = 0
        /// All records, those of the warm-up included.
        var total = 0
        /// Of all records.
        var delivered = 0
        /// How often librdkafka's queue was full.
        var queueFull = 0
        /// Error code → records.
        var errors: [String: Int] = [:]
        /// Keys and values of all records.
        var bytes = 0
        var isRaised = false
        /// All records by the stretch that they were due in, sent or not; known at the end.
        var due: [Int] = []
    }

    /// A send this much behind its moment is late; nanoseconds.
    static let tolerance: Int64 = 1_000_000
    /// Sleeps are no shorter than this, well within the tolerance: at high rates a sleep for each record costs more
    /// than the record.
    private static let leastSleep: Int64 = 100_000
    private static let stride = 64

    private let notes = Mutex<[DeliveryNote]>([])
    private let published = Mutex(Counts())
    private let isStopping = Atomic(false)
    private let isOver = Atomic(false)

    var counts: Counts { published.withLock { $0 } }
    var hasEnded: Bool { isOver.load(ordering: .acquiring) }

    func takeNotes() -> [DeliveryNote] {
        notes.withLock { notes in
            defer { notes = [] }
            return notes
        }
    }

    func stop() { isStopping.store(true, ordering: .relaxed) }

    func begin(_ job: Job) {
        let handover = Handover(job)
        NamedThread.start("weir-sender") { [self] in
            guard let job = handover.take() else { return }
            var run = SenderRun(job)
            run.counts.isRaised = MonotonicClock.raiseThread()
            send(&run)
            finish(&run)
            isOver.store(true, ordering: .releasing)
        }
    }

    // MARK: On the sender's thread

    /// A record until its delivery report, whose ticket is the record's place in `SenderRun.slots`.
    private struct Slot {
        var intended: Int64
        var topic: Int
        var owner: UInt64
    }

    private struct SenderRun {
        var job: Job
        var slots: [Slot] = []
        var free: [Int] = []
        var counts = Counts()
        var names: [String]
        var places: [Int]
        var sinceReports = 0
        /// By stretch. Not in `counts`, which are copied after every few records.
        var due: [Int] = []

        init(_ job: Job) {
            self.job = job
            names = job.places.keys.sorted()
            places = names.map { job.places[$0] ?? 0 }
        }

        var now: Int64 { MonotonicClock.now() - job.start }

        mutating func count(due moment: Int64) {
            let stretch = Int(max(0, moment) / job.width)
            while due.count <= stretch { due.append(0) }
            due[stretch] += 1
        }

        mutating func keep(_ slot: Slot) -> Int {
            guard let ticket = free.popLast() else {
                slots.append(slot)
                return slots.count - 1
            }
            slots[ticket] = slot
            return ticket
        }
    }

    private func send(_ run: inout SenderRun) {
        while let due = run.job.arrivals.next() {
            let counts = run.job.window.contains(due)
            run.count(due: due)
            if counts { run.counts.scheduled += 1 }
            if isStopping.load(ordering: .relaxed) {
                if counts { run.counts.unsent += 1 }
                continue
            }
            let eventsBefore = run.job.generator.progress.unique.load(ordering: .relaxed)
            guard let record = run.job.generator.next(due: due / 1000) else {
                preconditionFailure("the generator has an end")
            }
            let isEvent = run.job.generator.progress.unique.load(ordering: .relaxed) > eventsBefore
            if counts, isEvent { run.counts.events += 1 }
            var now = run.now
            if now >= run.job.deadline {
                if counts { run.counts.unsent += 1 }
                continue
            }
            let owner = run.job.hasResults && isEvent ? Visibility.stamp(record.key ?? []) : 0
            run.sinceReports += 1
            if due > now || run.sinceReports >= Self.stride {
                takeReports(&run)
                now = run.now
            }
            if due > now {
                MonotonicClock.sleep(until: run.job.start + max(due, now + Self.leastSleep))
                now = run.now
            }
            guard offer(record, due, owner, &run) else {
                if counts { run.counts.unsent += 1 }
                continue
            }
            run.counts.total += 1
            run.counts.bytes += (record.key?.count ?? 0) + (record.payload?.count ?? 0)
            guard counts else { continue }
            run.counts.sent += 1
            // Time that a full queue or a busy machine took counts, too.
            let lateness = run.now - due
            run.counts.worstLateness = max(run.counts.worstLateness, lateness)
            if lateness > Self.tolerance { run.counts.late += 1 }
        }
    }

    /// False if it could not be sent before the deadline.
    private func offer(
        _ record: OutgoingRecord, _ due: Int64, _ owner: UInt64, _ run: inout SenderRun
    ) -> Bool {
        guard let topic = run.names.firstIndex(of: record.topic) else {
            preconditionFailure("\(record.topic) is none of the run's topics")
        }
        let ticket = run.keep(Slot(intended: due, topic: topic, owner: owner))
        while true {
            do throws(KafkaError) {
                if try run.job.producer.send(
                    topic: record.topic, key: record.key, payload: record.payload, ticket: ticket)
                {
                    return true
                }
            } catch {
                run.counts.errors[error.name, default: 0] += 1
                run.free.append(ticket)
                return false
            }
            run.counts.queueFull += 1
            takeReports(&run, milliseconds: 1)
            if run.now >= run.job.deadline || isStopping.load(ordering: .relaxed) { return false }
        }
    }

    private func takeReports(_ run: inout SenderRun, milliseconds: Int32 = 0) {
        run.sinceReports = 0
        var new: [DeliveryNote] = []
        run.job.producer.pollDeliveries(milliseconds: milliseconds) { delivery in
            let slot = run.slots[delivery.ticket]
            run.free.append(delivery.ticket)
            let counts = run.job.window.contains(slot.intended)
            if let error = delivery.error {
                if counts { run.counts.failed += 1 }
                run.counts.errors[error.name, default: 0] += 1
                return
            }
            run.counts.delivered += 1
            if counts { run.counts.acknowledged += 1 }
            let place = run.places[slot.topic] + Int(delivery.partition)
            new.append(
                DeliveryNote(intended: slot.intended, partition: place, offset: delivery.offset, owner: slot.owner))
        }
        if !new.isEmpty { notes.withLock { $0 += new } }
        let counts = run.counts
        published.withLock { $0 = counts }
    }

    /// Waits for the fate of everything that was sent; librdkafka knows it within `message.timeout.ms`.
    private func finish(_ run: inout SenderRun) {
        while run.job.producer.pending > 0, !isStopping.load(ordering: .relaxed) {
            takeReports(&run, milliseconds: 20)
        }
        run.counts.due = run.due
        takeReports(&run)
    }
}
