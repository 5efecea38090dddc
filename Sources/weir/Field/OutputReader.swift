// Reads what Weir publishes as a consumer would: of the output topic the newest revision of each window wins.

import Foundation
import Synchronization
import WeirAvro
import WeirBench
import WeirCore
import WeirKafka

/// Reads on a thread of its own from the beginning of a run, because the mock broker forgets old messages.
final class OutputReader: Sendable {
    private struct State {
        var newest: [String: (revision: Int64, usage: ActualUsage)] = [:]
        var messages = 0
        /// Dead letter topic → idempotency keys of its messages.
        var letters: [String: Set<String>] = [:]
        var failure: String?
    }

    /// Told of every result, for whoever measures how soon they come.
    let visibility = Visibility()
    private let state = Mutex(State())
    private let stopping = Atomic(false)

    /// - Parameters:
    ///   - schema: of the output topic's messages; nil if there is no such topic.
    ///   - topics: the output topic and those of dead letters, with their numbers of partitions.
    init(brokers: String, settings: KafkaSettings, topics: [String: Int], schema: AvroSchema?) throws {
        let reader = try KafkaReader(
            [
                ("bootstrap.servers", brokers), ("group.id", "weir-output-reader"), ("fetch.wait.max.ms", "50"),
                ("socket.nagle.disable", "true"), ("auto.offset.reset", "error"),
            ] + settings,
            partitions: topics.flatMap { topic, count in
                (0..<count).map { TopicPartition(topic: topic, partition: Int32($0)) }
            })
        let handover = Handover(reader)
        Thread { [self] in
            guard let reader = handover.take() else { return }
            read(reader, schema)
        }.start()
    }

    var messages: Int { state.withLock { $0.messages } }
    var failure: String? { state.withLock { $0.failure } }
    var usage: [ActualUsage] { state.withLock { $0.newest.values.map(\.usage) } }
    /// Results with their newest revisions.
    var results: [(revision: Int64, usage: ActualUsage)] { state.withLock { Array($0.newest.values) } }
    /// Dead letters by source topic, those published twice counted once.
    var letters: [String: Int] { state.withLock { $0.letters.mapValues(\.count) } }

    func stop() { stopping.store(true, ordering: .relaxed) }

    private func read(_ reader: KafkaReader, _ schema: AvroSchema?) {
        while !stopping.load(ordering: .relaxed) {
            guard let message = reader.poll(milliseconds: 100) else { continue }
            guard message.isRecord else {
                let error = message.error
                if error?.isOffsetOutOfRange == true {
                    state.withLock { $0.failure = "reading what Weir published: \(error?.message ?? "")" }
                    return
                }
                continue
            }
            let topic = message.topic
            if topic.hasSuffix(Self.letterSuffix) {
                takeLetter(message, String(topic.dropLast(Self.letterSuffix.count)))
            } else if let schema {
                take(message, schema)
            }
        }
    }

    private static let letterSuffix = ".dlq"

    private func takeLetter(_ message: borrowing KafkaMessage, _ source: String) {
        let key = message.headers.last { $0.name == "idempotency-key" }?.value ?? []
        state.withLock { state in
            state.messages += 1
            _ = state.letters[source, default: []].insert(String(decoding: key, as: UTF8.self))
        }
    }

    private func take(_ record: borrowing KafkaMessage, _ schema: AvroSchema) {
        let payload = record.payload
        let key = record.key.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        guard let message = UsageDecoding.message(payload, schema: schema) else {
            state.withLock { $0.failure = "a message of the output topic does not decode" }
            return
        }
        visibility.see(organisation: message.usage.organisation, reaches: message.reaches)
        state.withLock { state in
            state.messages += 1
            if let known = state.newest[key], known.revision >= message.revision { return }
            state.newest[key] = (message.revision, message.usage)
        }
    }
}
