// Packed records that wait: what went in comes out, and nothing else is taken for them.

import TestSupport
import Testing
import WeirKafka
import WeirRuntime

@Suite struct ParkedRecordsTests {
    private static let source = TopicPartition(topic: "t", partition: 3)

    private struct Plain: Equatable {
        var offset: Int64
        var timestamp: Int64
        var key: [UInt8]?
        var payload: [UInt8]?
        var headers: [KafkaHeader]

        init(_ record: HeldRecord) {
            offset = record.offset
            timestamp = record.timestamp
            key = record.hasKey ? record.key.withUnsafeBytes { Array($0) } : nil
            payload = record.hasPayload ? record.payload.withUnsafeBytes { Array($0) } : nil
            headers = record.headers
        }
    }

    private static func unpack(_ bytes: [UInt8]) -> [Plain]? {
        ParkedRecords.unpack(bytes, of: source)?.map { Plain($0) }
    }

    private func bytes(_ random: inout SeededGenerator) -> [UInt8]? {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: nil
        case 1: []
        default: (0..<Int.random(in: 1...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
    }

    private func record(_ random: inout SeededGenerator) -> HeldRecord {
        let names = ["", "a", "weir.overflow.topic", "ü🌊", "a\0b"]
        return HeldRecord(
            topic: Self.source.topic, partition: Self.source.partition,
            offset: Int64.random(in: .min ... .max, using: &random),
            timestamp: Int64.random(in: .min ... .max, using: &random), key: bytes(&random), payload: bytes(&random),
            headers: (0..<Int.random(in: 0...3, using: &random)).map { _ in
                KafkaHeader(name: names.randomElement(using: &random) ?? "", value: bytes(&random))
            })
    }

    @Test func givesBackWhatWentIn() {
        var random = SeededGenerator(seed: 1)
        #expect(Self.unpack([]) == [])
        for count in 0..<60 {
            let records = (0..<count).map { _ in record(&random) }
            let unpacked = ParkedRecords.unpack(ParkedRecords.pack(records), of: Self.source)
            #expect(unpacked?.map { Plain($0) } == records.map { Plain($0) })
            #expect(unpacked?.allSatisfy { $0.topic == "t" && $0.partition == 3 } == true)
        }
    }

    @Test func noticesEveryTruncation() {
        var random = SeededGenerator(seed: 2)
        for _ in 0..<40 {
            let records = (0..<3).map { _ in record(&random) }
            let packed = ParkedRecords.pack(records)
            // Where one record ends and the next begins nothing is missing: weir.parked counts the records.
            let ends = (0...3).map { ParkedRecords.pack(Array(records[..<$0])).count }
            for length in packed.indices {
                let unpacked = Self.unpack(Array(packed[..<length]))
                if let whole = ends.firstIndex(of: length) {
                    #expect(unpacked == records[..<whole].map { Plain($0) })
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
        let one = ParkedRecords.pack([
            HeldRecord(
                topic: "t", partition: 3, offset: 1, timestamp: 2, key: [1], payload: [2],
                headers: [KafkaHeader(name: "h", value: [3])])
        ])
        // Behind offset and timestamp: key, payload, count of headers, header's name, header's value.
        for position in [16, 21, 26, 30, 35] {
            var hostile = one
            hostile.replaceSubrange(position..<(position + 4), with: word(length))
            for _ in 0..<200 { #expect(Self.unpack(hostile) == nil, "at \(position)") }
        }
    }

    @Test func refusesNullsWhereTextStands() {
        let numbers = [UInt8](repeating: 0, count: 16)
        let null = word(-1)
        #expect(Self.unpack(numbers + null + null + null) == nil)
        #expect(Self.unpack(numbers + null + null + word(1) + null + null) == nil)
        #expect(Self.unpack(numbers + null + null + word(1) + word(0) + null)?.count == 1)
        #expect(Self.unpack(numbers + null + null + word(0))?.count == 1)
    }

    @Test func survivesAnyByteChanged() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<30 {
            let packed = ParkedRecords.pack([record(&random), record(&random)])
            for position in packed.indices {
                var changed = packed
                changed[position] = UInt8.random(in: 0...255, using: &random)
                // What still reads is read in full: packed again it is as long.
                guard let unpacked = ParkedRecords.unpack(changed, of: Self.source) else { continue }
                if unpacked.allSatisfy({ $0.headers.allSatisfy { !$0.name.contains("\u{fffd}") } }) {
                    #expect(ParkedRecords.pack(unpacked) == changed)
                }
            }
        }
    }
}
