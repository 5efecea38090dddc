// Packed messages: what went in comes out, and nothing else is taken for them.

import TestSupport
import Testing
import WeirKafka
import WeirRuntime

@Suite struct OutboxBatchTests {
    private func bytes(_ random: inout SeededGenerator) -> [UInt8]? {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: nil
        case 1: []
        default:
            (0..<Int.random(in: 1...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
    }

    private func message(_ random: inout SeededGenerator) -> OutboxMessage {
        let names = ["", "a", "idempotency-key", "ü🌊", "a\0b"]
        return OutboxMessage(
            topic: names.randomElement(using: &random) ?? "", key: bytes(&random), payload: bytes(&random),
            headers: (0..<Int.random(in: 0...3, using: &random)).map { _ in
                KafkaHeader(name: names.randomElement(using: &random) ?? "", value: bytes(&random))
            })
    }

    @Test func givesBackWhatWentIn() {
        var random = SeededGenerator(seed: 1)
        #expect(OutboxBatch.unpack([]) == [])
        for count in 0..<60 {
            let messages = (0..<count).map { _ in message(&random) }
            #expect(OutboxBatch.unpack(OutboxBatch.pack(messages)) == messages)
        }
    }

    @Test func noticesEveryTruncation() {
        var random = SeededGenerator(seed: 2)
        for _ in 0..<40 {
            let messages = (0..<3).map { _ in message(&random) }
            let packed = OutboxBatch.pack(messages)
            // Where one message ends and the next begins nothing is missing: weir.outbox counts the messages.
            let ends = (0...3).map { OutboxBatch.pack(Array(messages[..<$0])).count }
            for length in packed.indices {
                let unpacked = OutboxBatch.unpack(Array(packed[..<length]))
                if let whole = ends.firstIndex(of: length) {
                    #expect(unpacked == Array(messages[..<whole]))
                } else {
                    #expect(unpacked == nil, "length \(length)")
                }
            }
        }
    }

    private func word(_ number: Int32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) } }

    /// Lengths that promise more than there is must neither allocate nor loop for it.
    @Test(arguments: [Int32.max, Int32.max - 3, 1 << 20, 100, -2, Int32.min])
    func refusesHostileLengths(length: Int32) {
        let one = OutboxBatch.pack([
            OutboxMessage(topic: "t", key: [1], payload: [2], headers: [KafkaHeader(name: "h", value: [3])])
        ])
        // Topic, key, payload, count of headers, header's name, header's value.
        for position in [0, 5, 10, 15, 19, 24] {
            var hostile = one
            hostile.replaceSubrange(position..<(position + 4), with: word(length))
            for _ in 0..<200 { #expect(OutboxBatch.unpack(hostile) == nil, "at \(position)") }
        }
    }

    @Test func refusesNullsWhereTextStands() {
        let empty = word(0)
        let null = word(-1)
        // A topic is never null, nor is a count of headers, nor a header's name.
        #expect(OutboxBatch.unpack(null + empty + empty + empty) == nil)
        #expect(OutboxBatch.unpack(empty + empty + empty + null) == nil)
        #expect(OutboxBatch.unpack(empty + empty + empty + word(1) + null + empty) == nil)
        #expect(OutboxBatch.unpack(empty + null + null + word(1) + empty + null) != nil)
    }

    @Test func survivesAnyByteChanged() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<30 {
            let packed = OutboxBatch.pack([message(&random), message(&random)])
            for position in packed.indices {
                var changed = packed
                changed[position] = UInt8.random(in: 0...255, using: &random)
                // What still reads is read in full: packed again it is as long.
                guard let unpacked = OutboxBatch.unpack(changed) else { continue }
                let whole = unpacked.allSatisfy { message in
                    !message.topic.contains("\u{fffd}") && !message.headers.contains { $0.name.contains("\u{fffd}") }
                }
                if whole { #expect(OutboxBatch.pack(unpacked) == changed) }
            }
        }
    }
}
