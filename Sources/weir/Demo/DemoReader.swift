// Reads billing.usage.v1 as one of its consumers would: the newest revision of each window wins.

import Foundation
import Synchronization
import WeirAvro
import WeirBench
import WeirCore
import WeirKafka

/// Reads on a thread of its own from the beginning of the demo, because the mock broker forgets old messages.
final class DemoReader: Sendable {
    private struct State {
        var newest: [String: (revision: Int64, usage: ActualUsage)] = [:]
        var messages = 0
        var failure: String?
    }

    private let state = Mutex(State())
    private let stopping = Atomic(false)

    init(brokers: String, topic: String, partitions: Int, schema: AvroSchema) throws {
        let reader = try KafkaReader(
            [
                ("bootstrap.servers", brokers), ("group.id", "weir-demo-reader"), ("fetch.wait.max.ms", "50"),
                ("socket.nagle.disable", "true"), ("auto.offset.reset", "error"),
            ], partitions: (0..<partitions).map { TopicPartition(topic: topic, partition: Int32($0)) })
        let box = Mutex(Optional(Handover(reader: reader)))
        Thread { [self] in
            guard let reader = box.withLock({ $0.take() })?.reader else { return }
            read(reader, schema)
        }.start()
    }

    /// Carries the reader, which belongs to one thread, to the thread that will own it.
    private struct Handover: @unchecked Sendable {
        // Sound: it is taken out once, by the only thread that ever uses it.
        let reader: KafkaReader
    }

    var messages: Int { state.withLock { $0.messages } }
    var failure: String? { state.withLock { $0.failure } }
    var usage: [ActualUsage] { state.withLock { $0.newest.values.map(\.usage) } }

    func stop() { stopping.store(true, ordering: .relaxed) }

    private func read(_ reader: KafkaReader, _ schema: AvroSchema) {
        while !stopping.load(ordering: .relaxed) {
            guard let message = reader.poll(milliseconds: 100) else { continue }
            guard message.isRecord else {
                let error = message.error
                if error?.isOffsetOutOfRange == true {
                    state.withLock { $0.failure = "reading the output topic: \(error?.message ?? "")" }
                    return
                }
                continue
            }
            take(message, schema)
        }
    }

    private func take(_ message: borrowing KafkaMessage, _ schema: AvroSchema) {
        let payload = message.payload
        let key = message.key.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        guard let frame = ConfluentFrame(parsing: payload),
            let value = try? AvroValue.decode(schema: schema, from: payload.extracting(frame.body)),
            let (revision, usage) = UsageDecoding.usage(value)
        else {
            state.withLock { $0.failure = "a message of the output topic does not decode" }
            return
        }
        state.withLock { state in
            state.messages += 1
            if let known = state.newest[key], known.revision >= revision { return }
            state.newest[key] = (revision, usage)
        }
    }
}

/// The fields of billing.usage.v1 that a check compares.
enum UsageDecoding {
    static func usage(_ value: AvroValue) -> (revision: Int64, usage: ActualUsage)? {
        guard case .record(let fields) = value, fields.count == 14, case .string(let organisation) = fields[0],
            case .string(let meter) = fields[1], case .long(let start) = fields[2], case .long(let end) = fields[3],
            case .map(let entries) = fields[4], case .bytes(let quantity) = fields[6],
            case .long(let events) = fields[7], case .long(let revision) = fields[8]
        else { return nil }
        var dimensions: [String: String] = [:]
        for entry in entries {
            guard case .string(let text) = entry.value else { return nil }
            dimensions[entry.key] = text
        }
        return (
            revision,
            ActualUsage(
                organisation: organisation, meter: meter, windowStart: start, windowEnd: end, dimensions: dimensions,
                quantity: decimal(quantity), eventCount: events)
        )
    }

    /// Two's complement, big endian, with six decimals.
    private static func decimal(_ bytes: [UInt8]) -> String {
        var unscaled: Int128 = (bytes.first ?? 0) >= 0x80 ? -1 : 0
        for byte in bytes { unscaled = unscaled << 8 | Int128(byte) }
        let digits = String(unscaled.magnitude)
        let padded = String(repeating: "0", count: max(0, 7 - digits.count)) + digits
        return (unscaled < 0 ? "-" : "") + padded.dropLast(6) + "." + padded.suffix(6)
    }
}
