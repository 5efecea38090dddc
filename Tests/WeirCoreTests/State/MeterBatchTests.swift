// Batches of random records, committed piece by piece, against an oracle that sees the whole stream.

import TestSupport
import Testing
import WeirCore

@Suite struct MeterBatchTests {
    static let meters: [Meter] = [
        .sketch("events", .count, per: "10m"),
        .sketch("bytes", .sum, "size", by: ["region"], per: "1h"),
        .sketch("smallest", .min, "size", per: "1d"),
        .sketch("largest", .max, "size", by: ["plan", "region"], per: "1mo"),
        .sketch("latest", .last, "size", by: ["shard"], per: "1h"),
        .sketch("users", .unique, "user", per: "10m"),
        .sketch("users_monthly", .unique, "user", by: ["region"], per: "1mo"),
        .sketch("numbers", .unique, "shard", per: "1d"),
    ]

    private struct Stream {
        var random: SeededGenerator
        var offsets: [Int64] = [0, 0]
        var history: [(partition: Int, record: SketchRecord)] = []
        let base: Int64
        let spread: Int64
        let organisations: Int

        /// A new record, a repeat, or one whose key was used with another payload.
        mutating func next() -> (partition: Int, record: SketchRecord, offset: Int64) {
            var partition = Int.random(in: 0...1, using: &random)
            var record: SketchRecord
            let kind = Int.random(in: 0..<20, using: &random)
            if kind < 4, let old = history.randomElement(using: &random) {
                (partition, record) = old
                if kind == 0 { record["size"] = .integer(Int64.random(in: 0...1000, using: &random)) }
            } else {
                record = make(partition)
                history.append((partition, record))
            }
            offsets[partition] += Int64.random(in: 1...3, using: &random)
            return (partition, record, offsets[partition])
        }

        private mutating func make(_ partition: Int) -> SketchRecord {
            // Times of the two partitions differ in the last bit: between partitions no order of arrival is kept.
            let time = (base + Int64.random(in: 0...spread, using: &random)) * 2 + Int64(partition)
            let regions: [SketchRecord.Value] = [
                .text("eu"), .text("us"), .text("ü\"\\"), .text(""), .null, .symbol("eu"), .symbol("north"),
            ]
            let plans: [SketchRecord.Value] = [.symbol("free"), .symbol("paid"), .symbol("")]
            let shards: [SketchRecord.Value] = [.integer(0), .integer(-1), .integer(.max), .integer(.min), .integer(7)]
            let size: Int64 =
                switch Int.random(in: 0..<10, using: &random) {
                case 0: .max
                case 1: 0
                default: Int64.random(in: 0...5, using: &random)
                }
            return SketchRecord(fields: [
                ("org", .text("org-\(Int.random(in: 0..<organisations, using: &random))")),
                ("id", .text("k\(Int.random(in: 0..<1_000_000_000, using: &random))")),
                ("at", .integer(time)),
                ("region", regions.randomElement(using: &random) ?? .null),
                ("plan", plans.randomElement(using: &random) ?? .null),
                ("shard", shards.randomElement(using: &random) ?? .null),
                ("size", .integer(size)),
                ("user", .text("u\(Int.random(in: 0..<12, using: &random))")),
            ])
        }
    }

    struct Shape: Sendable {
        var base: Int64
        var spread: Int64
        var organisations: Int
        var records: Int
        var batch: Int
    }

    static let shapes = [
        Shape(base: 895_000_000_000_000, spread: 5_000_000_000, organisations: 3, records: 3000, batch: 200),
        // Around 1970, and in the forties.
        Shape(base: -3_000_000_000, spread: 6_000_000_000, organisations: 2, records: 2000, batch: 50),
        Shape(base: -400_000_000_000_000, spread: 40_000_000_000_000, organisations: 2, records: 1500, batch: 700),
        // Thousands of windows in one batch.
        Shape(base: 895_000_000_000_000, spread: 100_000_000_000, organisations: 40, records: 6000, batch: 6000),
        // One record each.
        Shape(base: 895_000_000_000_000, spread: 100_000_000, organisations: 1, records: 300, batch: 1),
    ]

    @Test(arguments: shapes, [false, true])
    func agreesWithTheOracle(shape: Shape, forgetful: Bool) throws {
        let now: Int64 = 1_800_000_000_000_000
        var stream = Stream(
            random: SeededGenerator(seed: UInt64(bitPattern: shape.base) &+ 41), base: shape.base,
            spread: shape.spread, organisations: shape.organisations)
        var oracle = MeterOracle(Self.meters)
        var stored = StoredRows()
        var harness = BatchHarness(.sketch(Self.meters))
        var rest = shape.records
        var arrival = 0
        while rest > 0 {
            let size = min(rest, Int.random(in: 1...shape.batch, using: &stream.random))
            rest -= size
            harness.beginBatch()
            var expectedOffsets: [String: (first: Int64, last: Int64, events: Int64)] = [:]
            var slotsOfWindow: [String: Set<Int>] = [:]
            var newKeys = [0, 0]
            for _ in 0..<size {
                let (partition, record, offset) = stream.next()
                guard case .integer(let time)? = record["at"], case .bytes(let organisation)? = record["org"] else {
                    continue
                }
                arrival += 1
                let event = OracleEvent(
                    organisation: String(decoding: organisation, as: UTF8.self), time: time, partition: partition,
                    offset: offset, arrival: arrival, record: record)
                let expected = oracle.take(event)
                let outcome = harness.apply(record, slot: partition, now: now, offset: offset)
                if case .counted = expected {
                    #expect(outcome == .counted(late: true))
                    newKeys[partition] += 1
                    for meter in Self.meters {
                        let window = MeterOracle.name(meter, event)
                        slotsOfWindow[window, default: []].insert(partition)
                        expectedOffsets["\(partition)|\(window)", default: (offset, offset, 0)].last = offset
                        expectedOffsets["\(partition)|\(window)"]?.events += 1
                    }
                } else {
                    #expect(outcome == expected)
                }
            }
            for partition in 0...1 { #expect(harness.progress[partition].newKeys.count == newKeys[partition]) }
            #expect(harness.batch.hasSharedWindows == slotsOfWindow.values.contains { $0.count > 1 })

            var written: [(name: String, delta: UsageDelta, index: Int)] = []
            for index in harness.batch.deltas.indices {
                let delta = harness.batch.deltas[index]
                let meter = Self.meters[Int(delta.meter)]
                let text = harness.text(of: delta)
                let name = MeterOracle.name(meter, text.organisation, delta.windowStart, text.dimensions)
                let offsets = expectedOffsets.removeValue(forKey: "\(delta.partition)|\(name)")
                // A second row of the same name in one statement would make PostgreSQL refuse the batch.
                try #require(offsets != nil, "a row too many: \(name)")
                #expect(offsets?.first == delta.firstOffset && offsets?.last == delta.lastOffset)
                #expect(offsets?.events == delta.eventCount)
                #expect(delta.windowEnd == meter.window.end(from: delta.windowStart))
                #expect(delta.aggregate == meter.aggregate)
                written.append((name, delta, index))
            }
            #expect(expectedOffsets.isEmpty)
            written.sort { ($0.delta.partition, $0.index) < ($1.delta.partition, $1.index) }
            stored.commit(written, members: harness.batch.members.map { ($0.hash, Int($0.delta)) })
            if forgetful {
                // Another worker takes over: it knows the stored keys, and no member.
                harness.beginBatch()
                harness.known = KeyIndex()
            }
        }
        #expect(stored.rows == oracle.totals())
    }

    @Test func forgetsEverythingWithTheBatch() {
        var harness = BatchHarness(.sketch(Self.meters))
        var random = SeededGenerator(seed: 51)
        func record(_ number: Int, _ random: inout SeededGenerator) -> SketchRecord {
            SketchRecord(fields: [
                ("org", .text("o\(number % 7)")), ("id", .text("\(number)")),
                ("at", .integer(Int64.random(in: 0...1_700_000_000_000_000, using: &random))),
                ("region", .text("r\(number % 3)")), ("plan", .null), ("shard", .integer(1)), ("size", .integer(1)),
                ("user", .text("u\(number)")),
            ])
        }
        // Far beyond the usual size, then small again.
        var number = 0
        for size in [3, 20_000, 2, 0, 1] {
            harness.beginBatch()
            #expect(harness.batch.isEmpty && harness.batch.members.isEmpty && !harness.batch.hasSharedWindows)
            for _ in 0..<size {
                number += 1
                let outcome = harness.apply(record(number, &random), now: 1_800_000_000_000_000)
                #expect(outcome == .counted(late: true))
            }
            #expect(harness.batch.deltas.reduce(0) { $0 + Int($1.eventCount) } == size * Self.meters.count)
            #expect(harness.batch.isEmpty == (size == 0))
        }
    }

    @Test func keepsTheMemoryOfABatchLikeItAndNoMore() {
        var harness = BatchHarness(.sketch([.sketch("m", .count, per: "10m")]))
        let least = harness.batch.capacity
        var number = 0
        /// A record in each of so many windows, and how many there is memory for after that batch.
        func capacity(after windows: Int) -> Int {
            for window in 0..<windows {
                number += 1
                let record = SketchRecord(fields: [
                    ("org", .text("o")), ("id", .text("\(number)")), ("at", .integer(Int64(window) * 600_000_000)),
                ])
                _ = harness.apply(record, now: 1_800_000_000_000_000)
            }
            harness.beginBatch()
            return harness.batch.capacity
        }
        let grown = capacity(after: 5_000)
        #expect(grown >= 5_000)
        #expect(capacity(after: 1_000) == grown)
        #expect(capacity(after: 100) == least)
        #expect(capacity(after: 140_000) == least)
    }

    // MARK: Dimensions

    @Test func writesOneRowForDimensionsThatReadAlike() {
        // Null and the empty text, an enum's symbol and the same text: the row shows no difference.
        var harness = BatchHarness(.sketch([.sketch("m", .count, by: ["region"], per: "1h")]))
        let values: [SketchRecord.Value] = [.null, .text(""), .symbol(""), .text("7"), .integer(7), .symbol("7")]
        for (number, value) in values.enumerated() {
            let record = SketchRecord(fields: [
                ("org", .text("o")), ("id", .text("\(number)")), ("at", .integer(0)), ("region", value),
            ])
            _ = harness.apply(record, now: 0)
        }
        let rows = harness.batch.deltas.map { harness.text(of: $0).dimensions }
        #expect(rows == [[""], ["7"]])
        #expect(harness.batch.deltas.map(\.eventCount) == [3, 3])
    }

    @Test func keepsDimensionsApartThatJoinAlike() {
        var harness = BatchHarness(.sketch([.sketch("m", .count, by: ["a", "b"], per: "1h")]))
        let pairs = [("x", "yz"), ("xy", "z"), ("xyz", ""), ("", "xyz"), ("x\u{1}", "yz")]
        for (number, (a, b)) in pairs.enumerated() {
            let record = SketchRecord(fields: [
                ("org", .text("o")), ("id", .text("\(number)")), ("at", .integer(0)), ("a", .text(a)), ("b", .text(b)),
            ])
            _ = harness.apply(record, now: 0)
        }
        #expect(harness.batch.deltas.map { harness.text(of: $0).dimensions } == pairs.map { [$0.0, $0.1] })
    }

    // MARK: Members

    /// The members that a topology's batch meets for three users of one window.
    private func members(_ topology: Topology) -> Set<Hash128> {
        var harness = BatchHarness(topology)
        for user in ["a", "b", "c", "a"] {
            let record = SketchRecord(fields: [
                ("org", .text("o")), ("id", .text("\(harness.batch.deltas.first?.eventCount ?? 0)")),
                ("at", .integer(0)), ("user", .text(user)),
            ])
            _ = harness.apply(record, now: 0)
        }
        return Set(harness.batch.members.map(\.hash))
    }

    @Test func countsMembersOfEachTableAndMeterOnTheirOwn() {
        // weir.member is one table for all output tables: meters of the same name in two of them must not share members.
        let meter = Meter.sketch("users", .unique, "user", per: "1h")
        let one = members(.sketch([meter], table: "one"))
        let two = members(.sketch([meter], table: "two"))
        let other = members(.sketch([.sketch("guests", .unique, "user", per: "1h")], table: "one"))
        #expect(one.count == 3 && one == members(.sketch([meter], table: "one")))
        #expect(one.isDisjoint(with: two))
        #expect(one.isDisjoint(with: other))
    }

    // MARK: Late records

    @Test func isLateOnlyAfterTheGrace() {
        let end: Int64 = 3_600_000_000
        let grace: Int64 = 600_000_000
        for (now, late) in [(end, false), (end + grace, false), (end + grace + 1, true)] {
            var harness = BatchHarness(.sketch([.sketch("m", .count, per: "1h"), .sketch("n", .count, per: "1mo")]))
            let record = SketchRecord(fields: [("org", .text("o")), ("id", .text("i")), ("at", .integer(end - 1))])
            let outcome = harness.apply(record, now: now)
            #expect(outcome == .counted(late: late))
            #expect(harness.batch.deltas.map(\.isLate) == [late, false])
        }
    }
}
