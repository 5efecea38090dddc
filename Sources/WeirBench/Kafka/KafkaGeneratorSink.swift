// Sends generated records to Kafka and does not rest until each is acknowledged.

import Synchronization
public import WeirCore
public import WeirKafka

/// A producer that counts what the brokers acknowledged. Used by one thread; `acknowledged` may be read by any.
public final class KafkaGeneratorSink {
    /// Counters that outlive the sink.
    public let progress = SinkProgress()
    private let producer: KafkaProducer
    private let waker: Waker
    private let brokers: String
    private var sent = 0
    private var failed = 0
    private var firstError: KafkaError?
    private var sinceLastPoll = 0

    /// Reports are taken in after this many records at the latest.
    private static let stride = 1000
    /// A record that is not acknowledged in this time counts as failed.
    private static let timeoutMilliseconds = 30_000

    /// Fails with `.unavailable` within seconds if no broker answers or a topic is missing.
    ///
    /// - Parameters:
    ///   - settings: for librdkafka; they win over the sink's own.
    ///   - topics: those that records will go to; see `Generator.topics`.
    ///   - largestRecord: see `Generator.largestRecord`.
    public init(
        brokers: String, settings: KafkaSettings = [], topics: [String], largestRecord: Int
    ) throws(WeirError) {
        self.brokers = brokers
        waker = Waker()
        producer = try Self.producer(
            brokers: brokers, settings: [("client.id", "weir-generate")] + settings, topics: topics,
            largestRecord: largestRecord, waker: waker)
    }

    /// A producer that loses nothing and keeps order, unless the settings say otherwise.
    package static func producer(
        brokers: String, settings: KafkaSettings, topics: [String], largestRecord: Int, waker: Waker
    ) throws(WeirError) -> KafkaProducer {
        try check(topics, brokers, settings)
        do throws(KafkaError) {
            return try KafkaProducer(
                [
                    ("bootstrap.servers", brokers), ("acks", "all"),
                    ("enable.idempotence", "true"), ("linger.ms", "10"), ("partitioner", "murmur2_random"),
                    ("compression.type", "none"), ("socket.nagle.disable", "true"),
                    ("message.max.bytes", String(max(1_000_000, largestRecord + 4096))),
                    ("message.timeout.ms", String(KafkaGeneratorSink.timeoutMilliseconds)),
                ] + settings, waker: waker, log: { _, _, _ in })
        } catch {
            throw WeirError(.usage, "the producer's settings are refused: \(error)")
        }
    }

    private static func check(
        _ topics: [String], _ brokers: String, _ settings: KafkaSettings
    ) throws(WeirError) {
        let admin: KafkaAdmin
        do throws(KafkaError) {
            admin = try KafkaAdmin([("bootstrap.servers", brokers)] + settings)
        } catch {
            throw WeirError(.usage, "the Kafka settings are refused: \(error)")
        }
        for topic in topics {
            let partitions: Int?
            do throws(KafkaError) {
                partitions = try admin.partitions(of: topic)
            } catch {
                throw WeirError(
                    .unavailable, "no answer from Kafka at \(brokers): \(error)",
                    advice: "Check --brokers, and that a broker runs there.")
            }
            if partitions == nil {
                throw WeirError(
                    .unavailable, "there is no topic \(topic) at \(brokers)", advice: "Create it first.")
            }
        }
    }

    /// Queues a record, waiting while the queue is full.
    public func send(_ record: OutgoingRecord) throws(WeirError) {
        while !(try offer(record)) { try takeReports(milliseconds: 10) }
        sent += 1
        sinceLastPoll += 1
        if sinceLastPoll >= KafkaGeneratorSink.stride { try takeReports(milliseconds: 0) }
    }

    private func offer(_ record: OutgoingRecord) throws(WeirError) -> Bool {
        do throws(KafkaError) {
            return try producer.send(topic: record.topic, key: record.key, payload: record.payload)
        } catch {
            throw failure("a record for \(record.topic) is refused: \(error)")
        }
    }

    /// Takes in delivery reports; throws as soon as one is bad.
    public func takeReports(milliseconds: Int32 = 0) throws(WeirError) {
        sinceLastPoll = 0
        var good = 0
        producer.pollDeliveries(milliseconds: milliseconds) { delivery in
            if let error = delivery.error {
                failed += 1
                if firstError == nil { firstError = error }
            } else {
                good += 1
            }
        }
        progress.acknowledged.wrappingAdd(good, ordering: .relaxed)
        if let firstError { throw failure("records were not acknowledged: \(firstError)") }
    }

    /// Waits until everything is acknowledged, or throws with the number of records that are not.
    public func finish() throws(WeirError) {
        let clock = ContinuousClock()
        let limit = clock.now + .milliseconds(KafkaGeneratorSink.timeoutMilliseconds + 5000)
        while progress.acknowledged.load(ordering: .relaxed) < sent {
            try takeReports(milliseconds: 100)
            if clock.now > limit { throw failure("records are still not acknowledged") }
        }
    }

    private func failure(_ words: String) -> WeirError {
        let acknowledged = progress.acknowledged.load(ordering: .relaxed)
        return WeirError(
            .unavailable,
            "Kafka at \(brokers): \(words); of \(sent) records sent \(acknowledged) are acknowledged, "
                + "\(failed) failed, \(sent - acknowledged - failed) are open")
    }
}
