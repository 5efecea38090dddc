// What is hashed is stored for weeks: another way to compute it must come to the same, bit for bit.

import TestSupport
import Testing
import WeirCore

@Suite struct StoredHashTests {
    private static func record(_ note: [UInt8]) -> SketchRecord {
        SketchRecord(fields: [
            ("org", .text("org")), ("id", .text("id")), ("at", .integer(1)), ("note", .bytes(note)),
        ])
    }

    /// The fingerprint's definition, a byte at a time.
    private static func slowFingerprint(_ body: [UInt8]) -> UInt64 {
        func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
        func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
            let product = a.multipliedFullWidth(by: b)
            return product.high ^ product.low
        }
        var hash = UInt64(body.count) &* 0x9e37_79b9_7f4a_7c15
        let whole = body.count / 8 * 8
        for start in stride(from: 0, to: whole, by: 8) {
            hash = fold(hash ^ word(body[start..<(start + 8)]), 0xa076_1d64_78bd_642f)
        }
        return fold(hash ^ word(body[whole...]), 0xe703_7ed1_a0b4_28db)
    }

    @Test func fingerprintsFollowTheirDefinition() throws {
        var random = SeededGenerator(seed: 4)
        for length in 0..<70 {
            let record = Self.record((0..<length).map { _ in UInt8.random(in: 0...255, using: &random) })
            var harness = BatchHarness(.sketch([.sketch("m", .count, per: "1h")]))
            #expect(harness.apply(record, now: 100) == .counted(late: false))
            let key = try #require(harness.progress[0].newKeys.first)
            #expect(key.mark & ~0xff == Self.slowFingerprint(record.body) & ~0xff, "\(length) bytes")
        }
        // A number that was computed once, lest definition and code change together.
        #expect(Self.slowFingerprint(Array("Weir 0.1".utf8) + [1, 2, 3]) == 0x112e_88e2_8bdd_7637)
    }

    /// H(H(H(H(H(secret, organisation), table), meter), window), values with their lengths), then the member.
    @Test(arguments: [[], ["region"], ["region", "plan"], ["plan", "shard", "region"]])
    func membersAreHashedUnderTheirWindow(groups: [String]) throws {
        let topology = Topology.sketch([.sketch("users", .unique, "user", by: groups, per: "1h")])
        // The last one has a length of two bytes.
        for region in ["", "eu", "north-east", "Zürich", String(repeating: "r", count: 300)] {
            var harness = BatchHarness(topology)
            let record = SketchRecord(fields: [
                ("org", .text("org")), ("id", .text("id")), ("at", .integer(7_200_000_001)), ("user", .text("u")),
                ("region", .text(region)), ("plan", .symbol("free")), ("shard", .integer(-7)),
            ])
            #expect(harness.apply(record, now: 7_200_000_100) == .counted(late: false))
            var key = BatchHarness.secret.hash("org").hash(topology.outputs.table).hash("users").hash("7200000000")
            if !groups.isEmpty {
                let values = ["region": region, "plan": "free", "shard": "-7"]
                let texts = groups.flatMap { name -> [UInt8] in
                    let text = Array((values[name] ?? "").utf8)
                    return [UInt8(text.count & 0xff), UInt8(text.count >> 8), 0, 0] + text
                }
                key = key.hash(texts.span.bytes)
            }
            #expect(harness.batch.members.first?.hash == key.hash("u"))
            #expect(
                harness.text(of: try #require(harness.batch.deltas.first)).dimensions
                    == groups.map { $0 == "region" ? region : $0 == "plan" ? "free" : "-7" })
        }
    }
}
