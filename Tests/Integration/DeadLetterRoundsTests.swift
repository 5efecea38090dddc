// Records that come back: their headers, their count, the quarantine; and records that are mended by hand.

import Foundation
import Testing
import WeirAvro
import WeirBench
import WeirCore
import WeirKafka
import WeirPostgres

struct DeadLetterRoundsTests {
    private let headers = [
        KafkaHeader("trace", "1"), KafkaHeader("trace", "2"), KafkaHeader(name: "null", value: nil),
        KafkaHeader("weir.error.reason", "not ours"),
    ]

    /// Waits until so many dead letters were recorded.
    private func waitForLetters(_ rig: Rig, _ count: Int) throws {
        try waitUntil("there are \(count) dead letters", seconds: 60) {
            try rig.connection.column("SELECT count(*)::text FROM weir.dead_letter") == [String(count)]
        }
    }

    @Test func whatCannotBeMendedEndsInQuarantine() throws {
        let rig = try Rig.apiCalls()
        try rig.start()
        let topic = rig.topic("api.calls.v1")
        let sender = try OddSender(rig, topic: topic)
        // A producer that writes marks of its own is not believed far, and loses them.
        let forged = [KafkaHeader("weir.replay.count", "-5"), KafkaHeader("weir.replay.of", "7")]
        try sender.send("not_framed", key: [1, 2], payload: Array("{}".utf8), headers: headers + forged)
        try sender.finish()
        try waitForLetters(rig, 1)
        for round in 1...3 {
            let replay = try rig.dlq("replay")
            #expect(replay.output == "replayed 1 dead letter\n", "\(replay)")
            try waitForLetters(rig, round + 1)
        }
        #expect(try rig.recordsInTopics() == 4)
        let dry = try rig.dlq("replay", "--dry-run")
        #expect(dry.output.contains("would replay 0 dead letters\nwould put 1 dead letter into quarantine"), "\(dry)")
        let tooOften = try rig.dlq("replay")
        #expect(tooOften.status == 0 && tooOften.output.contains("put 1 dead letter into quarantine"), "\(tooOften)")
        #expect(try rig.recordsInTopics() == 4, "it was not sent")
        #expect(try rig.states() == ["replayed": 3, "quarantined": 1])
        #expect(try rig.dlq("list").output.contains(" quarantined "))
        #expect(try rig.dlq("stats").output.contains("1 dead letter open, 1 of them in quarantine; 3 replayed"))
        let shown = try rig.dlq("show", "4").output
        #expect(shown.contains("in quarantine since") && shown.contains("as dead letter 3"), "\(shown)")
        #expect(try rig.dlq("replay").output.contains("1 in quarantine"))

        #expect(try rig.dlq("release", "--id", "4", "--dry-run").output.contains("would release 1 dead letter"))
        #expect(try rig.dlq("release", "--id", "3").output.contains("no dead letters"), "it is not in quarantine")
        #expect(try rig.dlq("release", "--id", "4").output == "released 1 dead letter\n")
        #expect(try rig.dlq("replay").output == "replayed 1 dead letter\n")
        try waitForLetters(rig, 5)
        #expect(try rig.dlq("replay").output.contains("put 1 dead letter into quarantine"), "one more replay, no more")
        #expect(try rig.stopAll() == [0])
        try expectLettersOfRounds(rig, topic, rounds: 5)
    }

    /// Every round's dead letter, on the topic and in the table, bears the producer's headers and its own labels.
    private func expectLettersOfRounds(_ rig: Rig, _ topic: String, rounds: Int) throws {
        let letters = try TopicContents.read(topic + ".dlq", brokers: rig.brokers)
            .sorted { ($0.header("weir.error.attempt") ?? "") < ($1.header("weir.error.attempt") ?? "") }
        #expect(letters.count == rounds)
        let firstSeen = letters.first?.header("weir.error.first_seen")
        #expect(firstSeen != nil)
        let names = [
            "class", "reason", "message", "stage", "topology", "version", "topic", "partition", "offset", "timestamp",
            "attempt", "first_seen", "replay_count",
        ]
        for (round, letter) in letters.enumerated() {
            #expect(Array(letter.headers.prefix(headers.count)) == headers)
            let added = letter.headers.dropFirst(headers.count).map(\.name)
            #expect(Set(added) == Set(names.map { "weir.error.\($0)" } + ["idempotency-key"]))
            #expect(letter.header("weir.error.attempt") == String(round + 1))
            #expect(letter.header("weir.error.replay_count") == String(round))
            #expect(letter.header("weir.error.first_seen") == firstSeen)
        }
        let rows = try rig.connection.column(
            """
            SELECT concat_ws(' ', attempt, replay_count, replay_of, array_length(header_names, 1),
                first_seen = min(first_seen) OVER ()) FROM weir.dead_letter ORDER BY id
            """)
        #expect(rows == ["1 1 4 t", "2 2 1 4 t", "3 3 2 4 t", "4 4 3 4 t", "5 4 4 4 t"])
    }

    @Test func aRunSendsNothingThatCameBackDuringIt() throws {
        let rig = try Rig.apiCalls()
        try rig.start()
        let sender = try OddSender(rig, topic: rig.topic("api.calls.v1"))
        for byte in 1...3 as ClosedRange<UInt8> { try sender.send("not_framed", key: [byte], payload: [9]) }
        try sender.finish()
        try waitForLetters(rig, 3)
        // Slow enough for the first ones to be back before the last one goes.
        #expect(try rig.dlq("replay", "--rate", "2/s").output == "replayed 3 dead letters\n")
        #expect(try rig.recordsInTopics() == 6)
        #expect(try rig.stopAll() == [0])
    }

    /// What a replay leaves that was killed after publishing and before its commit: the mark is missing.
    @Test func twoCopiesOfOneReplayAreOneDeadLetter() throws {
        let rig = try Rig.apiCalls()
        try rig.start()
        let sender = try OddSender(rig, topic: rig.topic("api.calls.v1"))
        try sender.send("not_framed", key: [1], payload: [9])
        try sender.finish()
        try waitForLetters(rig, 1)
        #expect(try rig.dlq("replay").status == 0)
        try waitForLetters(rig, 2)
        try rig.connection.query("UPDATE weir.dead_letter SET replayed_at = NULL, replay_count = 0 WHERE id = 1")
        #expect(try rig.dlq("replay", "--id", "1").output == "replayed 1 dead letter\n")
        try rig.waitUntilReplaysAreProcessed()
        #expect(try rig.recordsInTopics() == 3)
        #expect(try rig.states() == ["replayed": 1, "waiting": 1])
        // Another record that claims to be a replay of the same is kept all the same.
        try sender.send(
            "not_framed", key: [1], payload: [8],
            headers: [KafkaHeader("weir.replay.count", "1"), KafkaHeader("weir.replay.of", "1")])
        try sender.finish()
        try rig.waitUntilReplaysAreProcessed()
        #expect(try rig.states() == ["replayed": 1, "waiting": 2])
        #expect(try rig.stopAll() == [0])
    }

    // MARK: Mending by hand

    @Test func oneIsMendedByHandAndCounts() throws {
        let rig = try Rig()
        try rig.start()
        let topic = rig.topic("user.activity.v1")
        let good = try #require(try rig.someGoodRecord(topic))
        let key = try #require(good.key)
        let entry = try #require(rig.schemas.entry(id: 3))
        // The event as it should be, but for its time.
        let payload = try #require(good.payload)
        guard
            case .record(var fields) = try AvroValue.decode(
                schema: entry.schema, from: payload.span.bytes.extracting(5..<payload.count))
        else { return }
        let names = entry.schema.fieldNames(under: [])
        let time = try #require(names.firstIndex(of: "occurred_at"))
        let rightTime = try #require(
            fields[time].json(
                schema: try AvroSchema(
                    parsing: #"{"type":"long","logicalType":"timestamp-micros"}"#, source: "t")
            ).string)
        fields[time] = .long(1)
        var writer = AvroWriter()
        ConfluentFrame.writeHeader(schemaID: 3, into: &writer)
        try AvroValue.record(fields).encode(schema: entry.schema, into: &writer)
        let sender = try OddSender(rig, topic: topic)
        try sender.send("time_out_of_range", key: key, payload: writer.bytes, headers: headers)
        try sender.finish()
        try waitForLetters(rig, 1)

        let record = try rig.dlq("show", "1", "--record")
        #expect(record.status == 0 && record.errors.isEmpty, "\(record)")
        #expect(record.output.contains(#""occurred_at": "1970-01-01T00:00:00.000001Z""#), "\(record)")
        let edited = record.output.replacing("1970-01-01T00:00:00.000001Z", with: rightTime)
        let file = try EditFile(edited)
        let dry = try rig.dlq("replay", "--id", "1", "--with", file.path, "--dry-run")
        #expect(dry.output.contains(rightTime) && dry.output.contains("nothing was sent"), "\(dry)")
        let replay = try rig.dlq("replay", "--id", "1", "--with", file.path)
        #expect(replay.status == 0 && replay.output.contains("replayed dead letter 1, edited"), "\(replay)")
        try rig.waitUntilReplaysAreProcessed()
        #expect(try rig.counters()[topic]?.unique == 1)
        #expect(try rig.usage().allSatisfy { $0.eventCount == 1 })
        let sent = try #require(
            try TopicContents.read(topic, brokers: rig.brokers).last { $0.header("weir.replay.count") != nil })
        #expect(sent.payload == payload, "edited back to what the producer meant, byte for byte")
        #expect(sent.key == key && Array(sent.headers.prefix(headers.count)) == headers)
        #expect(try rig.connection.column("SELECT replayed_edited::text FROM weir.dead_letter") == ["true"])
        #expect(try rig.dlq("show", "1").output.contains(", edited"))

        let original = try rig.dlq("replay", "--state", "replayed")
        #expect(original.output.contains("nothing to replay"), "what was mended might count beside it: \(original)")
        #expect(try rig.recordsInTopics() == 2)
        let twice = try rig.dlq("replay", "--id", "1", "--with", file.path)
        #expect(twice.status == 65 && twice.errors.contains("was replayed"), "\(twice)")
        #expect(try rig.stopAll() == [0])
    }

    /// A record with its key missing: the only dead letter.
    private func withoutKey() throws -> (Rig, topic: String, good: OutgoingRecord) {
        let rig = try Rig()
        try rig.start()
        let topic = rig.topic("user.activity.v1")
        let good = try #require(try rig.someGoodRecord(topic))
        let sender = try OddSender(rig, topic: topic)
        try sender.send("null_key", key: nil, payload: good.payload)
        try sender.finish()
        try waitForLetters(rig, 1)
        return (rig, topic, good)
    }

    @Test func aKeyOrPayloadIsReplaced() throws {
        let (rig, topic, good) = try withoutKey()
        let key = String(decoding: try #require(good.key), as: UTF8.self)
        let replay = try rig.dlq("replay", "--id", "1", "--with-key", key)
        #expect(replay.status == 0, "\(replay)")
        try rig.waitUntilReplaysAreProcessed()
        #expect(try rig.counters()[topic]?.unique == 1)

        // The same record, straight from its producer now: it meets its copy where the key belongs.
        try OddSender.sendKeyed(rig, topic: topic, key: good.key, payload: good.payload)
        try rig.waitUntilReplaysAreProcessed()
        #expect(try rig.counters()[topic]?.repeats == 1)
        #expect(try rig.counters()[topic]?.unique == 1)

        try OddSender.sendKeyed(rig, topic: topic, key: good.key, payload: [9])
        try rig.waitUntilReplaysAreProcessed()
        let record = try rig.dlq("show", "2", "--record")
        #expect(record.output.contains(#""payload_hex": "0x09""#) && record.errors.contains("not decoded"), "\(record)")
        let file = try EditFile(good.payload ?? [])
        #expect(try rig.dlq("replay", "--id", "2", "--with-payload", file.path).status == 0)
        try rig.waitUntilReplaysAreProcessed()
        #expect(try rig.counters()[topic]?.repeats == 2, "counted already, and recognised")
        #expect(try rig.stopAll() == [0])
    }

    @Test func mistakesInAnEditedRecordAreNamed() throws {
        let (rig, _, _) = try withoutKey()
        // Not always 1: a commit that is tried again takes the next number of the sequence.
        let id = try rig.connection.query("SELECT id FROM weir.dead_letter").int64(0, 0)
        let shown = try rig.dlq("show", "\(id)", "--record")
        try #require(shown.status == 0, "\(shown)")
        let record = shown.output
        let mistakes = [
            ("{", ":1:"),
            ("[]", "expected an object"),
            (#"{"kye": "a"}"#, "did you mean 'key'?"),
            (#"{"key": 1}"#, "'key' is text or null"),
            (#"{"payload_hex": "zz"}"#, "'payload_hex' is text like"),
            (#"{"schema_id": 3}"#, "'schema_id' without 'value'"),
            (#"{"schema_id": 77, "value": {}}"#, "schema id 77 is not in"),
            (#"{"value": {}, "payload_hex": "0x00"}"#, "exclude each other"),
            (record.replacing(#""action""#, with: #""acton""#), "did you mean 'action'?"),
            (record.replacing(/"action": "[^"]*"/, with: #""action": 5"#), "/action: expected string, found 5"),
        ]
        for (text, words) in mistakes {
            let file = try EditFile(text)
            let outcome = try rig.dlq("replay", "--id", "\(id)", "--with", file.path)
            #expect(outcome.status == 65 && outcome.errors.contains(words), "\(text): \(outcome)")
        }
        let missing = try rig.dlq("replay", "--id", "\(id)", "--with", "/nonexistent")
        #expect(missing.status == 64 && missing.errors.contains("cannot be read"), "\(missing)")
        #expect(try rig.recordsInTopics() == 1)
        #expect(try rig.states() == ["waiting": 1])
        #expect(try rig.stopAll() == [0])
    }
}

/// A temporary file with an edited record.
private final class EditFile {
    let path = FileManager.default.temporaryDirectory.appending(path: "weir-edit-\(UUID().uuidString)").path

    init(_ text: String) throws { try text.write(toFile: path, atomically: true, encoding: .utf8) }
    init(_ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(filePath: path)) }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
