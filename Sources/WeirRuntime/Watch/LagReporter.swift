// Tells `slo.lag.v1` how a topology keeps its objective, from outside its workers.

internal import Dispatch
internal import Logging
internal import Synchronization
internal import WeirCore
internal import WeirKafka
internal import WeirObserve

/// A thread with a producer of its own, so that nothing about this topic (missing, refused, its brokers away) can hold
/// up a worker or what it publishes. What cannot be sent is dropped and counted.
final class LagReporter: Sendable {
    private let job: Job
    private let topic: String
    private let statuses: [WorkerStatus]
    private let logger: Logger
    private let stopping = Atomic(false)
    private let ended = DispatchSemaphore(value: 0)
    private let state = Mutex(LagReportCounts())

    /// Between looks, in milliseconds.
    private static let interval: Int32 = 250
    /// For acknowledgements at the end, in microseconds.
    private static let patience: Int64 = 2_000_000
    /// Between lines about reports that were dropped, in microseconds.
    private static let silence: Int64 = 60_000_000

    /// Nil if the topology tells nobody.
    init?(_ job: Job, _ statuses: [WorkerStatus], logger: Logger) {
        guard let topic = job.topology.outputs.lag else { return nil }
        self.job = job
        self.topic = topic
        self.statuses = statuses
        var logger = logger
        logger[metadataKey: "topology"] = "\(job.topology.name)"
        logger[metadataKey: "topic"] = "\(topic)"
        self.logger = logger
    }

    var counts: LagReportCounts { state.withLock { $0 } }

    func start() {
        NamedThread.start("weir-slo") { [self] in
            work()
            ended.signal()
        }
    }

    /// After the workers' end: sends what is left of the minute. Waits for the brokers, but not for long.
    func finish() {
        stopping.store(true, ordering: .relaxed)
        _ = ended.wait(timeout: .now() + .microseconds(Int(Self.patience) * 2))
    }

    private func work() {
        let waker = Waker()
        let producer: KafkaProducer
        do {
            producer = try KafkaProducer(job.lagProducerSettings, waker: waker, log: KafkaLog.forwarding(to: logger))
        } catch {
            return logger.error("nobody is told of lag", metadata: ["error": "\(error)"])
        }
        var minutes = LagMinutes(topology: job.topology.name, objective: job.topology.objective)
        var drops = Drops()
        while !stopping.load(ordering: .relaxed) {
            send(minutes.look(at: partitions, now: WallClock.now()), producer, &drops)
            waker.wait(milliseconds: Self.interval)
        }
        send(minutes.finish(partitions, now: WallClock.now()), producer, &drops)
        let deadline = WallClock.monotonic() + Self.patience
        while producer.pending > 0, WallClock.monotonic() < deadline {
            waker.wait(milliseconds: 10)
            takeDeliveries(producer, &drops)
        }
        if producer.pending > 0 { drops.note(producer.pending, "no answer at the end") }
        count(&drops, atOnce: true)
    }

    private var partitions: [[PartitionStatus]] { statuses.map { $0.read().partitions } }

    private func send(_ reports: [LagReport], _ producer: KafkaProducer, _ drops: inout Drops) {
        for report in reports {
            do {
                let taken = try producer.send(
                    topic: topic, key: report.key, payload: report.payload(schemaID: job.lagSchemaID))
                if !taken { drops.note(1, "the queue is full") }
            } catch {
                drops.note(1, "\(error)")
            }
        }
        takeDeliveries(producer, &drops)
        count(&drops, atOnce: false)
    }

    private func takeDeliveries(_ producer: KafkaProducer, _ drops: inout Drops) {
        var sent: Int64 = 0
        producer.pollDeliveries(milliseconds: 0) { delivery in
            if let error = delivery.error { drops.note(1, "\(error)") } else { sent += 1 }
        }
        if sent > 0 { state.withLock { $0.sent += sent } }
    }

    private struct Drops {
        var count = 0
        /// Of `count`, those that were not logged.
        var unsaid = 0
        var reason = ""
        var saidAt = -LagReporter.silence

        mutating func note(_ number: Int, _ reason: String) {
            count += number
            unsaid += number
            self.reason = reason
        }
    }

    private func count(_ drops: inout Drops, atOnce: Bool) {
        state.withLock { $0.dropped += Int64(drops.count) }
        drops.count = 0
        let now = WallClock.monotonic()
        guard drops.unsaid > 0, atOnce || now - drops.saidAt >= Self.silence else { return }
        logger.warning(
            "reports of lag were dropped; their minutes read as bad",
            metadata: ["reports": "\(drops.unsaid)", "error": "\(drops.reason)"])
        drops.unsaid = 0
        drops.saidAt = now
    }
}
