// Looks into the log where offsets are missing, on a thread of its own.

internal import Foundation
internal import Synchronization
internal import WeirCore
internal import WeirKafka

/// A fresh reader decides: what it finds, the worker's consumer passed over; what it finds only with
/// uncommitted reads was aborted; what nobody finds is not in the log.
final class LogInspector: Sendable {
    private let settings: [(name: String, value: String)]
    private let waker: Waker
    private let verdicts = Mutex<[(Inspection, GapVerdict)]>([])

    /// Longest hole without a visible record that is believed to be transaction markers. A marker stands
    /// alone unless as many transactions as there are markers in a row were open on the partition at once.
    private static let mostMarkers: Int64 = 1000
    private static let patience: Int64 = 20_000_000

    init(settings: KafkaSettings, waker: Waker) {
        self.settings = Self.withoutMembership(settings)
        self.waker = waker
    }

    /// Settings of a reader that takes nothing from the group.
    static func withoutMembership(_ settings: KafkaSettings) -> KafkaSettings {
        settings.filter { $0.name != "group.instance.id" && $0.name != "partition.assignment.strategy" }
    }

    func inspect(_ inspection: Inspection) {
        Thread { [self] in
            let verdict = look(inspection)
            // The core asks again at once.
            if case .unknown = verdict { Thread.sleep(forTimeInterval: 1) }
            verdicts.withLock { $0.append((inspection, verdict)) }
            waker.wake()
        }.start()
    }

    func takeVerdicts() -> [(Inspection, GapVerdict)] {
        verdicts.withLock { verdicts in
            guard !verdicts.isEmpty else { return [] }
            defer { verdicts = [] }
            return verdicts
        }
    }

    private func look(_ inspection: Inspection) -> GapVerdict {
        do {
            let admin = try KafkaAdmin(settings)
            let log = try admin.offsets(of: inspection.id)
            if inspection.from > log.end {
                return .lost(
                    """
                    the log ends at \(log.end), before offset \(inspection.from), which is next: the topic was \
                    made anew or lost its end
                    """, resumeAt: nil)
            }
            if log.first > inspection.from {
                return .lost(
                    "the log begins at \(log.first); offsets from \(inspection.from) were deleted before they were read",
                    resumeAt: max(log.first, inspection.to ?? 0))
            }
            // The offset is there after all: a broker that was not up to date.
            guard let to = inspection.to else { return .present }
            if try holds(inspection, to, isolation: "read_committed") { return .present }
            if try holds(inspection, to, isolation: "read_uncommitted") { return .explained(.aborted) }
            if try admin.isCompacted(topic: inspection.id.topic) { return .explained(.compaction) }
            if to - inspection.from <= Self.mostMarkers { return .explained(.markers) }
            return .lost(
                "\(to - inspection.from) offsets hold no record, and the topic is not compacted", resumeAt: to)
        } catch {
            return .unknown("\(error)")
        }
    }

    /// True if a reader that begins at the gap meets a record inside it.
    private func holds(_ inspection: Inspection, _ to: Int64, isolation: String) throws -> Bool {
        let reader = try KafkaReader(
            settings + [("isolation.level", isolation)], partitions: [inspection.id], from: inspection.from)
        let deadline = WallClock.monotonic() + Self.patience
        while WallClock.monotonic() < deadline {
            guard let message = reader.poll(milliseconds: 200) else { continue }
            if let error = message.error { throw error }
            return message.offset < to
        }
        throw WeirError(.unavailable, "no record at or behind \(inspection.from) came in 20 s")
    }
}
