// One load from beginning to end: sends by a plan, watches positions, and says what became of every record.

internal import Foundation
internal import Synchronization
public import WeirKafka

public struct LoadSettings: Sendable {
    public var brokers: String
    /// Of every client, such as those of security.
    public var kafka: KafkaSettings = []
    /// Of the sender; they win over its own.
    public var producer: KafkaSettings = []
    /// Topic → partitions.
    public var topics: [String: Int]
    /// Seconds that do not count, at the beginning.
    public var warmup: Double
    /// Seconds that count.
    public var duration: Double
    /// Seconds after the last send that records may take to be done; those that take longer count as failed.
    public var patience: Double
    /// Seconds between two looks at the positions.
    public var lookEvery = 0.0025
    public var seed: UInt64 = 1

    public init(brokers: String, topics: [String: Int], warmup: Double, duration: Double, patience: Double) {
        self.brokers = brokers
        self.topics = topics
        self.warmup = warmup
        self.duration = duration
        self.patience = patience
    }
}

/// Used by one thread; the sender and the watcher have theirs.
public final class LoadRun {
    public let settings: LoadSettings
    /// `MonotonicClock` at the start, which all moments are counted from.
    public private(set) var start: Int64 = 0
    private let generator: Generator
    private let plan: RatePlan
    private let sender = OpenLoopSender()
    private let watcher: PositionWatcher
    private let book: LagBook
    private let open: PositionSourceOpener
    private let visibility: Visibility?
    private let producer: KafkaProducer
    private let waker = Waker()

    /// - Parameters:
    ///   - generator: made for more records than the plan has moments; the run takes it over.
    ///   - open: where the system under test says how far it is.
    ///   - visibility: told of results by whoever reads the output topic; nil if nobody does.
    public init(
        _ settings: LoadSettings, plan: RatePlan, generator: Generator, visibility: Visibility? = nil,
        open: @escaping PositionSourceOpener
    ) throws {
        self.settings = settings
        self.plan = plan
        self.generator = generator
        self.open = open
        self.visibility = visibility
        producer = try KafkaGeneratorSink.producer(
            brokers: settings.brokers,
            settings: [
                ("client.id", "weir-bench"), ("linger.ms", "5"), ("queue.buffering.max.messages", "5000000"),
                ("queue.buffering.max.kbytes", "1048576"),
            ] + settings.kafka + settings.producer, topics: generator.topics, largestRecord: generator.largestRecord,
            waker: waker)
        // Whoever sends before the broker's answer sends a second late, and the system under test would seem to be.
        try producer.meet(generator.topics)
        let admin = try KafkaAdmin([("bootstrap.servers", settings.brokers)] + settings.kafka)
        var starts: [(partition: TopicPartition, offset: Int64)] = []
        for topic in settings.topics.keys.sorted() {
            for number in 0..<(settings.topics[topic] ?? 0) {
                let partition = TopicPartition(topic: topic, partition: Int32(number))
                starts.append((partition, try admin.offsets(of: partition).end))
            }
        }
        let window = Self.nanoseconds(settings.warmup)..<Self.nanoseconds(settings.warmup + settings.duration)
        book = LagBook(starts: starts, window: window)
        watcher = PositionWatcher(book: book)
    }

    private static func nanoseconds(_ seconds: Double) -> Int64 { Int64((seconds * 1e9).rounded()) }

    /// Runs to the end and says what was measured.
    ///
    /// - Parameter tick: called every few milliseconds on this thread; an error of it ends the run.
    public func run(tick: (LoadProgress) throws -> Void = { _ in }) throws -> LoadMeasurement {
        // In time for the watcher to have its connection.
        start = MonotonicClock.now() + 200_000_000
        let start = start
        watcher.begin(
            open: open,
            notes: { [sender, visibility] in
                let notes = sender.takeNotes()
                visibility?.take(notes)
                return notes
            }, start: start,
            interval: Self.nanoseconds(settings.lookEvery))
        visibility?.begin(book.partitions, start: start, window: book.window)
        let end = book.window.upperBound
        let patience = Self.nanoseconds(settings.patience)
        var places: [String: Int] = [:]
        for (place, partition) in book.partitions.enumerated() where partition.partition == 0 {
            places[partition.topic] = place
        }
        MonotonicClock.sleep(until: start - 50_000_000)
        sender.begin(
            OpenLoopSender.Job(
                generator: generator, producer: producer, arrivals: Arrivals(plan, seed: settings.seed, end: end),
                places: places, start: start, window: book.window, width: book.width, hasResults: visibility != nil,
                deadline: end + patience))
        defer { sender.stop() }
        do {
            while !isDone(at: MonotonicClock.now() - start, end + patience) {
                try tick(progress())
                Thread.sleep(forTimeInterval: 0.005)
            }
        } catch {
            sender.stop()
            watcher.end()
            throw error
        }
        let ended = MonotonicClock.now() - start
        sender.stop()
        while !sender.hasEnded { Thread.sleep(forTimeInterval: 0.001) }
        watcher.end()
        return LoadMeasurement(
            sender.counts, watcher.state.withLock { $0 }, seconds: Double(ended) / 1e9, duration: settings.duration)
    }

    /// Everything sent is settled, or there is no more patience.
    private func isDone(at now: Int64, _ deadline: Int64) -> Bool {
        guard now < deadline else { return true }
        guard sender.hasEnded, visibility?.open ?? 0 == 0 else { return false }
        // All notes are on their way to the book once the sender has ended.
        return watcher.state.withLock { $0.book.settled + $0.book.tooLate } >= sender.counts.delivered
    }

    /// What is known so far of lags.
    public var lags: LagBook { watcher.state.withLock { $0.book } }

    private func progress() -> LoadProgress {
        let counts = sender.counts
        return watcher.state.withLock { state in
            let now = MonotonicClock.now() - start
            return LoadProgress(
                seconds: Double(now) / 1e9, sent: counts.total, settled: state.book.settled, late: counts.late,
                failed: counts.failed, bytes: counts.bytes, mostOpen: state.book.mostOpen,
                longestOpen: state.book.oldestOfMost.map { Double(now - $0) / 1e9 } ?? 0, lastError: state.lastError)
        }
    }
}

/// How a load goes.
public struct LoadProgress: Sendable {
    /// Since the start; below zero before it.
    public var seconds: Double
    /// Records given to librdkafka.
    public var sent: Int
    /// Records whose effect was seen.
    public var settled: Int
    public var late: Int
    public var failed: Int
    /// Keys and values that were sent.
    public var bytes: Int
    /// Records delivered and not done, in the partition that has most of them.
    public var mostOpen: Int
    /// Seconds since the first of those was due.
    public var longestOpen: Double
    /// Of the position source.
    public var lastError: String?
}
