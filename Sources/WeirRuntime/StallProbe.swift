// Asks the brokers whether partitions that deliver nothing have something to deliver, on a thread of its own.

internal import Foundation
internal import Synchronization
internal import WeirCore
internal import WeirKafka

/// The consumer's own idea of the log's end stands still exactly when its fetching does, so another client asks,
/// and where the log goes on, another reader must find a record: a log may end in markers that nobody sees.
final class StallProbe: Sendable {
    private let settings: [(name: String, value: String)]
    private let waker: Waker
    private let findings = Mutex<[TopicPartition: Int64]?>(nil)

    private static let patience: Int64 = 5_000_000

    init(settings: KafkaSettings, waker: Waker) {
        self.settings = LogInspector.withoutMembership(settings)
        self.waker = waker
    }

    /// - Parameter next: of each silent partition the offset that should come next.
    func look(_ next: [TopicPartition: Int64]) {
        Thread { [self] in
            // A broker that does not answer says nothing about the consumer.
            let found = (try? behind(next)) ?? [:]
            findings.withLock { $0 = found }
            waker.wake()
        }.start()
    }

    /// The answer to the last `look`, once: partitions with a record to read, and how many offsets behind it.
    func takeFindings() -> [TopicPartition: Int64]? {
        findings.withLock { findings in
            defer { findings = nil }
            return findings
        }
    }

    private func behind(_ next: [TopicPartition: Int64]) throws -> [TopicPartition: Int64] {
        let ends = try KafkaAdmin(settings).ends(of: Array(next.keys))
        var behind: [TopicPartition: Int64] = [:]
        for (id, offset) in next {
            guard let end = ends[id], end > offset, try hasRecord(id, at: offset) else { continue }
            behind[id] = end - offset
        }
        return behind
    }

    private func hasRecord(_ id: TopicPartition, at offset: Int64) throws -> Bool {
        let reader = try KafkaReader(settings, partitions: [id], from: offset)
        let deadline = WallClock.monotonic() + Self.patience
        while WallClock.monotonic() < deadline {
            guard let message = reader.poll(milliseconds: 200) else { continue }
            if let error = message.error { throw error }
            return true
        }
        return false
    }
}
