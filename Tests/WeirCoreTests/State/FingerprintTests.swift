// Which records are repeats and which are conflicts: all bytes count but those of ignored fields.

import Testing
import WeirCore

@Suite struct FingerprintTests {
    private static func record(_ events: [UInt8], _ trace: [UInt8]) -> SketchRecord {
        SketchRecord(fields: [
            ("note", .text("a note")), ("trace", .bytes(trace)), ("org", .text("org")), ("id", .text("id")),
            ("event", .bytes(events)), ("at", .integer(77)), ("tail", .text("the end")),
        ])
    }

    /// What comes of `second` after `first`.
    private func outcome(_ first: SketchRecord, _ second: SketchRecord, ignoring: [String]) -> MeterBatch.Outcome {
        var harness = BatchHarness(.sketch([.sketch("m", .count, per: "1h")], ignoring: ignoring))
        let before = harness.apply(first, now: 100)
        #expect(before == .counted(late: false))
        return harness.apply(second, now: 100)
    }

    /// Requests in the order of the body, and in others.
    @Test(arguments: [["trace", "event"], ["event", "trace"], ["event", "absent", "trace"]])
    func leavesOutWhatIsIgnored(ignoring: [String]) {
        let first = Self.record([1, 2, 3], [9])
        for length in [0, 1, 3, 7, 8, 9, 200] {
            let bytes = [UInt8](repeating: UInt8(length), count: length)
            #expect(outcome(first, Self.record(bytes, [9]), ignoring: ignoring) == .duplicate)
            #expect(outcome(first, Self.record([1, 2, 3], bytes), ignoring: ignoring) == .duplicate)
            #expect(outcome(first, Self.record(bytes, bytes), ignoring: ignoring) == .duplicate)
        }
        #expect(outcome(first, Self.record([1, 2, 3], [9, 9]), ignoring: ["event"]) == .conflict)
        #expect(outcome(first, Self.record([1, 2], [9]), ignoring: ["trace"]) == .conflict)
        #expect(outcome(first, Self.record([1, 2], [9]), ignoring: []) == .conflict)
        #expect(outcome(first, first, ignoring: []) == .duplicate)
    }

    @Test func noticesEveryOtherByte() {
        let first = Self.record([1, 2, 3], [9])
        for path in ["note", "tail"] {
            guard case .bytes(let bytes)? = first[path] else { continue }
            for position in bytes.indices {
                for bit in 0..<8 {
                    var changed = bytes
                    changed[position] ^= 1 << UInt8(bit)
                    var second = first
                    second[path] = .bytes(changed)
                    #expect(outcome(first, second, ignoring: ["trace", "event"]) == .conflict)
                }
            }
            for length in 0..<40 where length != bytes.count {
                var second = first
                second[path] = .bytes([UInt8](repeating: 0x61, count: length))
                #expect(outcome(first, second, ignoring: ["event", "trace"]) == .conflict)
            }
        }
    }

    /// A byte that moves from one side of an ignored field to the other is a change.
    @Test func noticesBytesThatMoveAcross() {
        func record(_ before: String, _ after: String) -> SketchRecord {
            SketchRecord(fields: [
                ("org", .text("org")), ("id", .text("id")), ("at", .integer(1)), ("before", .text(before)),
                ("event", .text("x")), ("after", .text(after)),
            ])
        }
        #expect(outcome(record("ab", "c"), record("a", "bc"), ignoring: ["event"]) == .conflict)
        #expect(outcome(record("", "abc"), record("abc", ""), ignoring: ["event"]) == .conflict)
    }

    @Test func ignoresFieldsAtBothEndsAndSideBySide() {
        func record(_ a: String, _ b: String, _ c: String) -> SketchRecord {
            SketchRecord(fields: [
                ("a", .text(a)), ("b", .text(b)), ("org", .text("org")), ("id", .text("id")), ("at", .integer(1)),
                ("c", .text(c)),
            ])
        }
        for ignoring in [["a", "b", "c"], ["c", "b", "a"], ["b", "c", "a"]] {
            #expect(outcome(record("1", "2", "3"), record("", "other", "and more"), ignoring: ignoring) == .duplicate)
        }
        #expect(outcome(record("1", "2", "3"), record("1", "22", "3"), ignoring: ["a", "c"]) == .conflict)
    }

    /// A field that takes no bytes (null, an empty record) has an empty extent wherever it stands.
    @Test(arguments: [0, 1, 4])
    func passesEmptyExtents(offset: Int) {
        let topology = Topology.sketch([.sketch("m", .count, per: "1h")], ignoring: ["nothing", "event"])
        let plan = SourcePlan(source: topology.sources[0], topology: topology)
        var batch = MeterBatch(secret: BatchHarness.secret, memberScope: "")
        var seen = KeyIndex()
        let known = KeyIndex()
        var progress = PartitionProgress(partition: 0, fromOffset: 0, nextOffset: 0)
        func body(_ note: UInt8, _ event: UInt8) -> [UInt8] { [0x6f, 0x69, note, 5, event, event, 6] }
        func apply(_ body: [UInt8], _ batch: inout MeterBatch, _ seen: inout KeyIndex, _ known: borrowing KeyIndex)
            -> MeterBatch.Outcome
        {
            let fields = plan.requests.map { request -> FieldValue in
                switch request.path.description {
                case "org": FieldValue(kind: .bytes, offset: 0, length: 1)
                case "id": FieldValue(kind: .bytes, offset: 1, length: 1)
                case "at": FieldValue(kind: .integer, integer: 1)
                case "event": FieldValue(kind: .bytes, offset: 4, length: 2)
                default: FieldValue(kind: .bytes, offset: UInt32(offset), length: 0)
                }
            }
            let constants: [UInt8] = []
            let record = DecodedRecord(
                body: body.span.bytes, constants: constants.span.bytes, fields: fields.span, offset: 0)
            let key: [UInt8] = [0x6f]
            return batch.apply(
                record, plan: plan, slot: 0, messageKey: key.span.bytes, now: 1, bucket: 0, seen: &seen,
                known: known, progress: &progress)
        }
        let outcomes = [body(1, 1), body(1, 2), body(2, 1)].map { apply($0, &batch, &seen, known) }
        #expect(outcomes == [.counted(late: false), .duplicate, .conflict])
    }
}
