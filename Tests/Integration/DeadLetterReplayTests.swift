// weir dlq replay: every record's effect exactly once, whatever is killed, repeated or done at the same time.

import Foundation
import TestSupport
import Testing
import WeirAvro
import WeirBench
import WeirCore
import WeirKafka
import WeirPostgres

struct DeadLetterReplayTests {
    private let folder = Repository.path("topologies/examples/api-calls")

    /// A rig with events that became dead letters because nobody knew their schema id, which is known now.
    private func mended(events: Int) throws -> (rig: Rig, schemas: SchemaCopy, expectation: Expectation) {
        let schemas = try SchemaCopy("\(folder)/schemas")
        let rig = try Rig(file: "\(folder)/api-calls.yaml", schemas: schemas.path, partitions: 2)
        try rig.start("before")
        let expectation = try rig.sendUnderUnknownSchema(rig.topic("api.calls.v1"), events: events)
        try rig.waitUntilProcessed()
        #expect(try rig.stopAll() == [0])
        #expect(try rig.usage().isEmpty)
        #expect(try rig.states() == ["waiting": events])
        try schemas.add(id: 99, subject: "api.calls.v1")
        try rig.start("after")
        return (rig, schemas, expectation)
    }

    private func expectExact(
        _ rig: Rig, _ expectation: Expectation, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try rig.waitUntilReplaysAreProcessed()
        let check = try ExpectationCheck(expected: expectation, actual: rig.usage())
        #expect(check.isExact, "\(check.summary)", sourceLocation: sourceLocation)
        let counted = try rig.counters().values.reduce(0) { $0 + $1.unique }
        #expect(counted == expectation.counts.unique, sourceLocation: sourceLocation)
    }

    @Test func whatIsMendedCountsOnceHoweverOftenItIsReplayed() throws {
        let (rig, schemas, expectation) = try mended(events: 600)
        defer { withExtendedLifetime(schemas) {} }
        let dry = try rig.dlq("replay", "--dry-run", "--limit", "100", "--rate", "50/s")
        #expect(dry.status == 0 && dry.output.contains("would replay 100 dead letters of 600"), "\(dry)")
        #expect(dry.output.contains("would take 2s"), "\(dry)")
        #expect(try rig.recordsInTopics() == 600)

        #expect(try rig.dlq("replay", "--limit", "100").output.contains("500 dead letters of the choice still to go"))
        #expect(try rig.states() == ["waiting": 500, "replayed": 100])
        let rest = try rig.dlq("replay", "--reason", "unknown_schema")
        #expect(rest.output == "replayed 500 dead letters\n", "\(rest)")
        try expectExact(rig, expectation)
        #expect(try rig.states() == ["replayed": 600])

        let done = try rig.dlq("replay")
        #expect(done.status == 0 && done.output.contains("600 replayed already"), "\(done)")
        let again = try rig.dlq("replay", "--state", "replayed")
        #expect(again.output == "replayed 600 dead letters\n", "\(again)")
        try expectExact(rig, expectation)
        let counts = try rig.counters().values.reduce(0) { $0 + $1.repeats }
        #expect(counts == 600, "each was recognised")
        #expect(try rig.states() == ["replayed": 600])
        #expect(try rig.stopAll() == [0])

        // Where a replay stands is remembered, and is the partition the record came from.
        let strangers = try rig.connection.column(
            "SELECT id::text FROM weir.dead_letter WHERE replayed_partition <> partition OR replay_count <> 2")
        #expect(strangers == [])
        let places = try rig.connection.column(
            "SELECT topic || '/' || replayed_partition || '/' || replayed_offset FROM weir.dead_letter ORDER BY 1")
        let marked = try TopicContents.read(rig.topic("api.calls.v1"), brokers: rig.brokers)
            .filter { $0.header("weir.replay.count") == "2" }
        #expect(marked.map { "\($0.place)/\($0.offset)" }.sorted() == places.sorted())
        for record in marked { #expect(record.headers.first == KafkaHeader("trace", "1")) }
    }

    @Test func aReplayThatIsKilledGoesOn() throws {
        let events = 3_000
        let (rig, schemas, expectation) = try mended(events: events)
        defer { withExtendedLifetime(schemas) {} }
        func marked() throws -> Int {
            let rows = try rig.connection.query("SELECT count(*) FROM weir.dead_letter WHERE replayed_at IS NOT NULL")
            return Int(rows.int64(0, 0))
        }
        for _ in 1...3 {
            let before = try rig.recordsInTopics()
            let replay = try WeirWorker(name: "replay", rig.dlqArguments(["replay", "--rate", "400/s"]))
            // A batch has 200: killed with records in the topic that no commit knows of yet.
            try waitUntil("it is in the middle of a batch") {
                guard replay.isRunning else { throw WaitTimeout(description: "it ended: \(replay.lastWords)") }
                return try rig.recordsInTopics() >= before + 270
            }
            replay.kill()
            try replay.waitForEnd()
            #expect(try marked() < events)
        }
        let last = try rig.dlq("replay")
        #expect(last.status == 0 && last.output.hasPrefix("replayed "), "\(last)")
        #expect(try rig.recordsInTopics() > 2 * events, "some were sent twice")
        try expectExact(rig, expectation)
        #expect(try rig.states() == ["replayed": events])
        #expect(try rig.stopAll() == [0])
    }

    @Test func twoReplaysAtOnceShareTheWork() throws {
        let (rig, schemas, expectation) = try mended(events: 2_000)
        defer { withExtendedLifetime(schemas) {} }
        let replays = try (0..<2).map { _ in try WeirProcess(rig.dlqArguments(["replay", "--rate", "1000/s"])) }
        let counts = try replays.map { replay -> Int in
            let outcome = try replay.wait(seconds: 120)
            #expect(outcome.status == 0, "\(outcome)")
            let words = outcome.output.split(separator: " ")
            return words.first == "replayed" ? Int(words[1]) ?? -1 : 0
        }
        #expect(counts.reduce(0, +) == 2_000, "\(counts)")
        #expect(counts.allSatisfy { $0 > 0 }, "\(counts): both had work")
        #expect(try rig.recordsInTopics() == 4_000, "none was sent twice")
        try expectExact(rig, expectation)
        #expect(try rig.stopAll() == [0])
    }

    @Test func aRateIsKept() throws {
        let (rig, schemas, expectation) = try mended(events: 60)
        defer { withExtendedLifetime(schemas) {} }
        let began = ContinuousClock.now
        #expect(try rig.dlq("replay", "--rate", "20/s").status == 0)
        #expect(ContinuousClock.now - began > .seconds(2.7), "60 at 20 a second")
        try expectExact(rig, expectation)
        #expect(try rig.stopAll() == [0])
    }

    @Test func anEndBySignalIsInOrder() throws {
        let (rig, schemas, expectation) = try mended(events: 1_000)
        defer { withExtendedLifetime(schemas) {} }
        let replay = try WeirWorker(name: "replay", rig.dlqArguments(["replay", "--rate", "100/s"]))
        try waitUntil("it sends") { try rig.recordsInTopics() > 1_010 }
        replay.terminate()
        #expect(try replay.waitForEnd() == 0)
        #expect(replay.text.contains("stopped: replayed "), "\(replay.text)")
        let states = try rig.states()
        #expect(try rig.recordsInTopics() == 1_000 + (states["replayed"] ?? 0), "what was sent is marked")
        #expect(try rig.dlq("replay").status == 0)
        try expectExact(rig, expectation)
        #expect(try rig.recordsInTopics() == 2_000)
        #expect(try rig.stopAll() == [0])
    }

    @Test func withoutABrokerNothingIsMarked() throws {
        let (rig, schemas, expectation) = try mended(events: 20)
        defer { withExtendedLifetime(schemas) {} }
        let away = try WeirProcess(
            ["dlq", "replay", "--brokers", "127.0.0.1:1", "--postgres", rig.database.connectionString]
        ).wait(seconds: 120)
        #expect(away.status == 69 && away.errors.contains("127.0.0.1:1"), "\(away)")
        #expect(try rig.states() == ["waiting": 20])
        #expect(try rig.dlq("replay").status == 0)
        try expectExact(rig, expectation)
        #expect(try rig.stopAll() == [0])
    }

    @Test func aRecordThatNoBrokerTakesStaysAndIsNamed() throws {
        let rig = try Rig.apiCalls()
        try rig.start()
        let sender = try OddSender(rig, topic: rig.topic("api.calls.v1"))
        try sender.send("not_framed", key: [1], payload: [UInt8](repeating: 0x41, count: 5_000))
        try sender.send("not_framed", key: [1], payload: [9])
        try sender.finish()
        try rig.waitUntilProcessed()
        let outcome = try WeirProcess(
            rig.dlqArguments(["replay"]) + ["--kafka", "message.max.bytes=2000"]
        ).wait(seconds: 120)
        #expect(outcome.status == 65 && outcome.errors.contains("refuses 1 dead letter for good"), "\(outcome)")
        #expect(outcome.output.contains("replayed 1 dead letter\n"), "\(outcome)")
        #expect(
            try rig.connection.column(
                "SELECT state FROM (SELECT id, replayed_at IS NULL AS waiting, "
                    + "octet_length(payload)::text AS state FROM weir.dead_letter ORDER BY id LIMIT 2) AS l WHERE waiting"
            )
                == ["5000"])
        #expect(try rig.stopAll() == [0])
    }
}
