// Records that cannot be metered: kept whole, published, counted by reason, and in nobody's way.

import Foundation
import Testing
import WeirBench
import WeirCore
import WeirKafka

struct PoisonTests {
    /// Milliseconds, says Kafka; the first is a time of today in nanoseconds, the last the year 10000.
    private let absurdTimestamps: [Int64] = [1_700_000_000_000_000_000, .max, 0, 1, 253_402_300_800_000]

    @Test func everyKindOfPoisonIsKeptAndTheRestIsExact() throws {
        // With a small limit on records, so that the development broker can hold those above it.
        let topology = try TopologyCopy("topologies/billing-usage.yaml", adding: "limits: { record_bytes: 16KiB }")
        let rig = try Rig(file: topology.file)
        try rig.start("a")
        try rig.start("b")
        let options = rig.options(events: 12_000) {
            $0.poison = 0.05
            $0.poisonKinds = PoisonKind.allCases
        }
        let expectation = try rig.produce(options)
        let kinds = Set(PoisonKind.allCases.map(\.reason.rawValue))
        #expect(Set(expectation.deadLetters.values.flatMap(\.keys)) == kinds)
        try rig.expectExact(expectation)
        #expect(try rig.expectLettersUntouched() == expectation.counts.deadLetters)
    }

    /// What no generator makes, each on its own, with good events after it.
    @Test func oddRecordsStopNothing() throws {
        let rig = try Rig()
        try rig.start("a")
        let topic = rig.topic("user.activity.v1")
        let good = try #require(try rig.someGoodRecord(topic))
        let sender = try OddSender(rig, topic: topic)
        let key = Array("k".utf8)
        let frame: [UInt8] = [0, 0, 0, 0, 3]

        for timestamp in absurdTimestamps {
            try sender.send("not_framed", key: key, payload: [9], timestamp: timestamp)
        }
        try sender.send("empty_record", key: key, payload: nil)
        try sender.send("empty_record", key: key, payload: [])
        try sender.send("null_key", key: nil, payload: nil)
        try sender.send("null_key", key: nil, payload: good.payload)
        try sender.send("not_framed", key: key, payload: [0])
        try sender.send("not_framed", key: key, payload: [1, 0, 0, 0, 1, 0])
        try sender.send("unknown_schema", key: key, payload: [0, 0xFF, 0xFF, 0xFF, 0xFF])
        try sender.send("unknown_schema", key: key, payload: [0, 0, 0, 0, 0])
        try sender.send("undecodable", key: key, payload: frame)
        // A text of 2^62 bytes, says its length.
        let endless: [UInt8] = [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]
        try sender.send("undecodable", key: key, payload: frame + endless)
        try sender.send("key_mismatch", key: [0], payload: good.payload)
        try sender.send("key_mismatch", key: [0xFF, 0xFE], payload: good.payload)
        try sender.send("not_framed", key: [0, 1, 0], payload: Array("{\u{0}}".utf8))
        try sender.send(
            "not_framed", key: key, payload: Array("with headers".utf8),
            headers: [
                KafkaHeader("trace", "1"), KafkaHeader("trace", "2"), KafkaHeader(name: "null", value: nil),
                KafkaHeader(name: "empty", value: []), KafkaHeader(name: "binary", value: [0, 0xFF, 10]),
                KafkaHeader("weir.error.reason", "not ours"), KafkaHeader("", "no name"),
            ])
        // Alone in a partition: the development broker holds no more than 5 MB of one.
        try sender.send(
            "record_too_large", key: key, payload: [UInt8](repeating: 0x41, count: 5_000_000), partition: 3)
        try sender.finish()

        // Life goes on.
        try rig.waitUntilProcessed()
        let expectation = try rig.produce(rig.options(events: 3_000))
        try rig.waitUntilProcessed()
        #expect(try rig.stopAll() == [0])
        #expect(try rig.deadLetterRows() == [topic: sender.reasons])
        let check = try ExpectationCheck(expected: expectation, actual: rig.usage())
        #expect(check.isExact, "\(check.summary)")
        #expect(try rig.expectLettersUntouched() == sender.reasons.values.reduce(0, +))
    }

    @Test func anAbsurdKafkaTimestampIsOnlyALabel() throws {
        let rig = try Rig.apiCalls()
        try rig.start("a")
        let generator = try Generator(rig.options(events: 500), topology: rig.topology, schemas: rig.schemas)
        let sender = try OddSender(rig, topic: rig.topic("api.calls.v1"))
        while let record = generator.next() {
            let timestamp = absurdTimestamps.randomElement()
            try sender.send(nil, key: record.key, payload: record.payload, timestamp: timestamp)
        }
        try sender.finish()
        try rig.expectExact(generator.expectation)
    }
}
