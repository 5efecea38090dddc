// A consumer that commits exactly when a script says so: a system under test whose lag is arithmetic.

import Foundation
import Synchronization
import WeirBench
import WeirKafka

/// Reads everything at once and commits each record `delay` after it was read, but nothing in its stalls.
final class ScriptedConsumer: Sendable {
    static let group = "scripted"
    private let isStopping = Atomic(false)
    private let hasEnded = Atomic(false)
    /// Moments of `MonotonicClock` between which nothing is committed.
    let stall = Mutex<Range<Int64>>(0..<0)

    /// - Parameter delay: nanoseconds.
    init(settings: KafkaSettings, partitions: [TopicPartition], delay: Int64 = 0) {
        Thread { [self] in
            do { try consume(settings, partitions, delay) } catch { print("scripted consumer: \(error)") }
            hasEnded.store(true, ordering: .releasing)
        }.start()
    }

    func stop() {
        isStopping.store(true, ordering: .relaxed)
        while !hasEnded.load(ordering: .acquiring) { Thread.sleep(forTimeInterval: 0.005) }
    }

    /// In no group, so that nothing but the script decides.
    private func consume(_ settings: KafkaSettings, _ partitions: [TopicPartition], _ delay: Int64) throws {
        let settings =
            settings + [
                ("fetch.wait.max.ms", "5"), ("socket.nagle.disable", "true"), ("reconnect.backoff.ms", "10"),
                ("reconnect.backoff.max.ms", "50"),
            ]
        let reader = try KafkaReader(settings + [("group.id", "reads-for-\(Self.group)")], partitions: partitions)
        let group = try KafkaGroupOffsets(group: Self.group, settings: settings)
        var waiting: [(due: Int64, partition: TopicPartition, next: Int64)] = []
        while !isStopping.load(ordering: .relaxed) {
            var wait: Int32 = 1
            while let message = reader.poll(milliseconds: wait) {
                wait = 0
                guard message.isRecord else { continue }
                let partition = TopicPartition(topic: message.topic, partition: message.partition)
                waiting.append((MonotonicClock.now() + delay, partition, message.offset + 1))
            }
            let now = MonotonicClock.now()
            guard !stall.withLock({ $0.contains(now) }) else { continue }
            var offsets: [TopicPartition: Int64] = [:]
            let done = waiting.prefix { $0.due <= now }
            for record in done { offsets[record.partition] = record.next }
            guard !offsets.isEmpty else { continue }
            // A broker that is away is asked again.
            if (try? group.commit(offsets.map { ($0.key, $0.value) })) != nil { waiting.removeFirst(done.count) }
        }
    }
}
