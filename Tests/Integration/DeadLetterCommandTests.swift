// weir dlq list, show, stats and purge: what they say and delete is what was injected; mistakes are told.

import Foundation
import Testing
import WeirBench
import WeirCore
import WeirKafka
import WeirPostgres

struct DeadLetterCommandTests {
    /// A rig whose workers have left dead letters of every kind behind, and what must be there.
    private func poisoned() throws -> (Rig, Expectation) {
        let rig = try Rig()
        try rig.start()
        let expectation = try rig.produce(rig.options(events: 6_000) { $0.poison = 0.05 })
        try rig.waitUntilProcessed()
        #expect(try rig.stopAll() == [0])
        // One transaction may have written all: they shall differ in time.
        try rig.connection.query("UPDATE weir.dead_letter SET recorded_at = recorded_at - (1000 - id) * interval '1 s'")
        return (rig, expectation)
    }

    @Test func whatIsListedAndCountedIsWhatWasInjected() throws {
        let (rig, expectation) = try poisoned()
        let letters = try rig.dlqList()
        var listed: [String: [String: Int]] = [:]
        for letter in letters {
            let topic = try #require(letter["topic"] as? String)
            listed[topic, default: [:]][try #require(letter["reason"] as? String), default: 0] += 1
        }
        #expect(listed == expectation.deadLetters)

        let stats = try rig.dlq("stats", "--json")
        let json = try JSONSerialization.jsonObject(with: Data(stats.output.utf8))
        let all = try #require(json as? [String: [[String: Any]]])
        var reasons: [String: Int] = [:]
        for reasonsOfTopic in expectation.deadLetters.values { reasons.merge(reasonsOfTopic, uniquingKeysWith: +) }
        func waiting(_ list: String, _ name: String) -> [String: Int] {
            var counts: [String: Int] = [:]
            for count in all[list] ?? [] { counts[count[name] as? String ?? ""] = count["waiting"] as? Int }
            return counts
        }
        #expect(waiting("reasons", "reason") == reasons)
        #expect(waiting("topics", "topic") == expectation.deadLetters.mapValues { $0.values.reduce(0, +) })
        let words = try rig.dlq("stats")
        #expect(words.output.contains("\(letters.count) dead letters open, 0 of them in quarantine; 0 replayed"))
        for (reason, count) in reasons {
            #expect(words.output.contains(try Regex("(?m)^\(reason) +(record|schema) +\(count) +0 +0 ")), "\(words)")
        }
        try expectFiltersChoose(rig, letters)
    }

    /// Every filter against the same choice made here.
    private func expectFiltersChoose(_ rig: Rig, _ letters: [[String: Any]]) throws {
        func expect(_ arguments: [String], _ holds: ([String: Any]) -> Bool) throws {
            let process = try WeirWorker(name: "list", rig.dlqArguments(["list", "--json"] + arguments))
            #expect(try process.waitForEnd() == 0)
            let chosen = letters.filter(holds).compactMap { $0["id"] as? Int }
            let lines = process.text.split(separator: "\n")
            #expect(lines.count == chosen.count, "\(arguments)")
            #expect(!chosen.isEmpty, "\(arguments) chooses nothing: the test says little")
            for (line, id) in zip(lines, chosen) { #expect(line.hasPrefix(#"{"id":\#(id),"#), "\(arguments)") }
        }
        func has(_ name: String, _ value: String) -> ([String: Any]) -> Bool { { $0[name] as? String == value } }
        let topic = rig.topic("user.activity.v1")
        try expect(["--topic", topic], has("topic", topic))
        try expect(["--topology", rig.topology.name]) { _ in true }
        try expect(["--reason", "null_key"], has("reason", "null_key"))
        try expect(["--reason", "null_key", "--reason", "not_framed", "--topic", topic]) {
            ["null_key", "not_framed"].contains($0["reason"] as? String ?? "") && $0["topic"] as? String == topic
        }
        let organisation = try #require(letters.compactMap { $0["org_id"] as? String }.first)
        try expect(["--org", organisation], has("org_id", organisation))
        let key = try #require(letters.compactMap { $0["key"] as? String }.first)
        try expect(["--key", key], has("key", key))
        try expect(["--key", "0x" + Hex.digits(key.utf8)], has("key", key))
        // Texts of times compare as the times do: to the microsecond, but for whole seconds.
        let times = letters.compactMap { $0["recorded_at"] as? String }.sorted()
        let middle = times[times.count / 2]
        try expect(["--since", middle]) { ($0["recorded_at"] as? String ?? "") >= middle }
        try expect(["--until", middle, "--since", "2h"]) { ($0["recorded_at"] as? String ?? "") < middle }
        let ids = letters.compactMap { $0["id"] as? Int }
        try expect(["--id", "\(ids[3])", "--id", "\(ids[5])"]) { [ids[3], ids[5]].contains($0["id"] as? Int) }
        try expect(["--state", "waiting", "--limit", "1"]) { $0["id"] as? Int == ids[0] }
        #expect(
            try rig.dlq("list", "--state", "replayed").output.contains("no dead letters that match and are replayed"))
    }

    @Test func oneIsShownWithAllThatIsKnownOfIt() throws {
        let rig = try Rig()
        try rig.start()
        let topic = rig.topic("user.activity.v1")
        let good = try #require(try rig.someGoodRecord(topic))
        let sender = try OddSender(rig, topic: topic)
        let payload = try #require(good.payload)
        try sender.send(
            "key_mismatch", key: Array("k\u{1b}[2J".utf8), payload: payload,
            headers: [
                KafkaHeader("trace", "a\nb"), KafkaHeader(name: "binary", value: [0, 0xFF]),
                KafkaHeader(name: "null", value: nil),
            ])
        try sender.finish()
        try rig.waitUntilProcessed()
        try sender.send("not_framed", key: [0xFF], payload: Array("{\"a\": \u{1}}".utf8))
        try sender.finish()
        try rig.waitUntilProcessed()

        let shown = try rig.dlq("show", "1")
        #expect(shown.status == 0)
        for words in [
            "dead letter 1: waiting", "key_mismatch (class record, stage validate)",
            "differs from the record's Kafka key",
            #"k\u{1b}[2J"#, #"trace = a\u{a}b"#, "binary = 0x00ff", "null = null", "payload, \(payload.count) bytes",
            "000000  00 00 00 00 03", "decoded with schema 3 (user.activity.v1/1)", #""action": "#,
        ] { #expect(shown.output.contains(words), "\(words) in \(shown.output)") }
        #expect(!shown.output.contains("\u{1b}"), "nothing a producer wrote moves the cursor")
        let other = try rig.dlq("show", "2")
        #expect(other.output.contains("not decoded: it does not begin with 0 and a schema id"), "\(other)")
        #expect(other.output.contains(#"|"#) == false && other.output.contains(#"{"a": .}"#), "\(other)")

        let json = try rig.dlq("show", "1", "--json")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        #expect(object["reason"] as? String == "key_mismatch")
        #expect(object["payload_hex"] as? String == Hex.text(payload))
        #expect((object["headers"] as? [[String: Any]])?.count == 3)
        #expect((object["value"] as? [String: Any])?["org_id"] is String)
        #expect(try rig.dlq("show", "2", "--payload").output == "{\"a\": \u{1}}")
        let missing = try rig.dlq("show", "999")
        #expect(missing.status == 65 && missing.errors.contains("there is no dead letter 999"), "\(missing)")
        #expect(try rig.stopAll() == [0])
    }

    @Test func aPurgeDeletesItsChoiceAndNothingElse() throws {
        let (rig, expectation) = try poisoned()
        let before = try rig.deadLetterRows()
        #expect(before == expectation.deadLetters)

        let unbounded = try rig.dlq("purge", "--yes")
        #expect(unbounded.status == 64 && unbounded.errors.contains("--all"), "\(unbounded)")
        // Standard input is no terminal here, so nobody can be asked.
        let unasked = try rig.dlq("purge", "--reason", "null_key")
        #expect(unasked.status == 64 && unasked.errors.contains("--yes"), "\(unasked)")
        let dry = try rig.dlq("purge", "--reason", "null_key", "--dry-run")
        #expect(dry.status == 0 && dry.output.contains("would delete"), "\(dry)")
        #expect(try rig.deadLetterRows() == before)

        let topic = try #require(before.keys.sorted().first { before[$0]?["null_key"] != nil })
        let purge = try rig.dlq("purge", "--reason", "null_key", "--topic", topic, "--yes")
        #expect(purge.status == 0, "\(purge)")
        var after = before
        after[topic]?["null_key"] = nil
        #expect(try rig.deadLetterRows() == after)

        try rig.connection.query("UPDATE weir.dead_letter SET replayed_at = now() WHERE reason = 'not_framed'")
        #expect(try rig.dlq("purge", "--reason", "not_framed", "--yes").output.contains("no dead letters"))
        #expect(try rig.deadLetterRows() == after, "replayed ones are not listed, so they are not purged")
        #expect(try rig.dlq("purge", "--state", "replayed", "--yes").status == 0)
        for topic in after.keys { after[topic]?["not_framed"] = nil }
        #expect(try rig.deadLetterRows() == after)
        #expect(try rig.dlq("purge", "--all", "--yes").status == 0)
        #expect(try rig.deadLetterRows() == [:])
    }

    // MARK: Mistakes

    @Test(arguments: [
        (["list", "--reason", "nul_key"], "did you mean 'null_key'?"),
        (["list", "--state", "open"], "--state open: there is no such state"),
        (["list", "--since", "yesterday"], "--since yesterday"),
        (["list", "--limit", "0"], "--limit"),
        (["show"], "<id>"),
        (["show", "1", "--json", "--record"], "exclude each other"),
        (["replay", "--rate", "fast"], "50/s"),
        (["replay", "--max-replays", "0"], "--max-replays"),
        (["replay", "--with", "f"], "--id"),
        (["replay", "--id", "1", "--with", "f", "--with-key", "k"], "excludes"),
        (["replay", "--state", "quarantined"], "weir dlq release"),
        (["release"], "--all"),
        (["release", "--all", "--id", "1"], "exclude each other"),
        (["purge", "--all", "--id", "1"], "exclude each other"),
        (["purge", "--nonsense"], "--nonsense"),
    ])
    func wrongUsageSaysWhatIsRight(_ arguments: [String], _ words: String) throws {
        let outcome = try WeirProcess(["dlq"] + arguments + ["--postgres", "host=/nonexistent"]).wait(seconds: 120)
        #expect(outcome.status == 64 && outcome.errors.contains(words), "\(outcome)")
    }

    @Test func serversThatAreNotThereAreNamed() throws {
        for command in ["list", "stats", "replay"] {
            let none = try WeirProcess("dlq", command, "--brokers", "x").wait(seconds: 120)
            #expect(none.status == 64, "\(none)")
            let away = try WeirProcess(
                ["dlq", command, "--postgres", "host=/nonexistent"]
                    + (command == "replay" ? ["--brokers", "127.0.0.1:1"] : [])
            ).wait(seconds: 120)
            #expect(away.status == 69 && away.errors.contains("/nonexistent"), "\(away)")
        }
        let noBroker = try WeirProcess("dlq", "replay", "--postgres", "host=/nonexistent").wait(seconds: 120)
        #expect(noBroker.status == 64 && noBroker.errors.contains("WEIR_BROKERS"), "\(noBroker)")
        let empty = try TestDatabase()
        let unmigrated = try WeirProcess("dlq", "list", "--postgres", empty.connectionString).wait(seconds: 120)
        #expect(unmigrated.status == 65 && unmigrated.errors.contains("weir migrate"), "\(unmigrated)")
    }

    @Test func aDatabaseOfAnOlderWeirIsToBeMigrated() throws {
        let database = try TestDatabase.migrated()
        try database.connect().query("DELETE FROM weir.migration WHERE version >= 3")
        let old = try WeirProcess("dlq", "list", "--postgres", database.connectionString).wait(seconds: 120)
        #expect(old.status == 65 && old.errors.contains("weir migrate"), "\(old)")
        let run = try WeirProcess(
            "run", "topologies/billing-usage.yaml", "--brokers", "127.0.0.1:1", "--postgres", database.connectionString
        ).wait(seconds: 120)
        #expect(run.status == 65 && run.errors.contains("weir migrate"), "\(run)")
    }

    @Test func whoMayOnlyReadCannotChange() throws {
        let database = try TestDatabase.migrated()
        let role = "weir_test_reader_\(UInt32.random(in: 0...UInt32.max))"
        let connection = try database.connect()
        try connection.script("CREATE ROLE \(role) LOGIN; GRANT weir_admin TO \(role)")
        let login = database.connectionString + " user=\(role)"
        let list = try WeirProcess("dlq", "list", "--postgres", login).wait(seconds: 120)
        let purge = try WeirProcess("dlq", "purge", "--all", "--yes", "--postgres", login).wait(seconds: 120)
        try connection.script("REVOKE weir_admin FROM \(role)")
        let neither = try WeirProcess("dlq", "list", "--postgres", login).wait(seconds: 120)
        try connection.script("DROP ROLE \(role)")
        #expect(list.status == 0, "\(list)")
        #expect(purge.status == 65 && purge.errors.contains("weir_writer"), "\(purge)")
        #expect(neither.status == 65 && neither.errors.contains("weir_admin"), "\(neither)")
    }
}
