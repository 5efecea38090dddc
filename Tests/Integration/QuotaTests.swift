// Quotas: one organisation far above its own, with others beside it.

import Foundation
import Testing
import WeirAvro
import WeirBench
import WeirKafka
import WeirPostgres

struct QuotaTests {
    /// Sends 83 of 100 records where organisations are drawn with an exponent of 3.
    private static let hot = "org-000001"

    private func options(_ rig: Rig, events: Int) -> GeneratorOptions {
        rig.options(events: events) {
            $0.organisations = 20
            $0.skew = 3
        }
    }

    private func quota(_ events: Int, over: String = "delay") -> String {
        "quotas: { burst: 1s, over: \(over), organisations: [{ organisation: \(Self.hot), events_per_second: \(events) }] }"
    }

    private func expectOthersDone(_ rig: Rig, _ expectation: Expectation) throws {
        var wanted: [String: Int64] = [:]
        for row in expectation.usage where row.meter == "api_calls" && row.organisation != Self.hot {
            wanted[row.organisation, default: 0] += Int64(row.eventCount)
        }
        let rows = try rig.connection.query(
            """
            SELECT org_id, sum(event_count)::int8 FROM billing.usage
            WHERE meter = 'api_calls' AND org_id <> '\(Self.hot)' GROUP BY org_id
            """)
        var found: [String: Int64] = [:]
        for row in 0..<rows.count { found[rows.text(row, 0)] = rows.int64(row, 1) }
        #expect(found == wanted)
    }

    @Test func delayLimitsOneAndHoldsUpNobodyElse() throws {
        let rig = try Rig.apiCalls(adding: quota(500))
        try rig.start("a")
        let expectation = try rig.produce(options(rig, events: 7_000), lead: .max)
        try rig.waitUntilRead()
        // Everything is read, the others are metered, and most of the hot one's records wait.
        #expect(try rig.parkedRecords() > 2_000)
        try expectOthersDone(rig, expectation)
        try rig.expectCountersAddUp()

        let begun = ContinuousClock.now
        let before = try rig.processed()
        Thread.sleep(forTimeInterval: 4)
        let metered = Double(try rig.processed() - before)
        let seconds = (ContinuousClock.now - begun) / .seconds(1)
        #expect((0.7...1.3).contains(metered / seconds / 500), "\(metered) records in \(seconds) s")
        try rig.expectExact(expectation)
        #expect(try rig.parkedRecords() == 0)
        try rig.expectCountersAddUp()
    }

    /// Killed while they wait, taken over while they wait, and repeats among them.
    @Test func whatWaitsSurvivesAKillAndATakeover() throws {
        let rig = try Rig.apiCalls(adding: quota(300))
        let first = try rig.start("a")
        var options = options(rig, events: 5_000)
        options.repeats = 0.3
        let expectation = try rig.produce(options, lead: .max)
        try rig.waitUntilRead()
        #expect(try rig.parkedRecords() > 1_000)
        try rig.kill(first)
        let before = try rig.processed()
        let second = try rig.start("b")
        try waitUntil("b works off what waits", seconds: 60) { try rig.processed() > before }
        try rig.start("c")
        Thread.sleep(forTimeInterval: 2)
        #expect(try rig.stop(second) == 0)
        try rig.expectExact(expectation)
        #expect(try rig.parkedRecords() == 0)
        try rig.expectCountersAddUp()
    }

    @Test func divertPublishesTheSurplusUntouched() throws {
        let rig = try Rig.apiCalls(adding: quota(50, over: "divert"))
        try rig.start("a")
        let expectation = try rig.produce(options(rig, events: 5_000), lead: .max)
        try rig.waitUntilRead()
        #expect(try rig.stopAll() == [0])
        try rig.expectCountersAddUp()
        try expectOthersDone(rig, expectation)
        let diverted = try rig.number("SELECT sum(diverted)::int8 FROM weir.partition")
        #expect(diverted > 1_000)
        #expect(try rig.number("SELECT count(*) FROM weir.outbox") == 0)
        #expect(
            try rig.number("SELECT sum(event_count)::int8 FROM billing.usage WHERE meter = 'api_calls'")
                == rig.number("SELECT sum(counted)::int8 FROM weir.partition"))

        let topic = rig.topic("api.calls.v1")
        var originals: [String: StoredRecord] = [:]
        for record in try TopicContents.read(topic, brokers: rig.brokers) {
            originals["\(record.place)/\(record.offset)"] = record
        }
        let overflow = try TopicContents.read(topic + ".overflow", brokers: rig.brokers)
        #expect(Set(overflow.compactMap { $0.header("idempotency-key") }).count == diverted)
        for record in overflow {
            let place = ["topic", "partition", "offset"].map { record.header("weir.overflow.\($0)") ?? "none" }
            let original = try #require(originals[place.joined(separator: "/")])
            #expect(record.key == original.key && record.key == Array(Self.hot.utf8))
            #expect(record.payload == original.payload)
            #expect(Array(record.headers.prefix(original.headers.count)) == original.headers)
            #expect(record.header("weir.overflow.timestamp") == String(original.timestamp))
        }
    }

    @Test func checkLooksForTheOverflowTopic() throws {
        let rig = try Rig.apiCalls(adding: quota(50, over: "divert"))
        let outcome = try WeirProcess("check", rig.file, "--schemas", rig.schemas.path, "--brokers", rig.brokers)
            .wait(seconds: 120)
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("  topic \(rig.topic("api.calls.v1")).overflow is "), "\(outcome)")
    }
}
