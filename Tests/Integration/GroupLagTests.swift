// weir lag beside a consumer group of somebody else's client that is stopped and started again.

import Foundation
import TestSupport
import Testing
import WeirCore
import WeirKafka

private let python: String? = {
    guard let python = ProcessInfo.processInfo.environment["WEIR_PYTHON"],
        (try? Command.run(python, "-c", "import confluent_kafka")) != nil
    else { return nil }
    return python
}()

private let realBroker = ProcessInfo.processInfo.environment["WEIR_BROKERS"].flatMap { $0.isEmpty ? nil : $0 }

@Suite(.enabled(if: python != nil, "needs $WEIR_PYTHON with confluent-kafka (make setup)"))
struct GroupLagTests {
    /// Keeps up: 0 and OK. Stopped under load: both lags rise, and the state is bad. Started again: all recovers.
    @Test func aStoppedConsumerIsToldAndForgivenWhenItIsBack() throws {
        let stage = try Stage()
        var consumer = try stage.consumer()
        let scratch = try ScratchFolder()
        let file = "\(scratch.path)/address"
        let exporter = try WeirWorker(
            name: "exporter",
            stage.arguments + [
                "--exporter", "127.0.0.1:0", "--port-file", file, "--every", "200ms", "--tolerance", "2s",
            ])
        try waitUntil("the exporter listens") {
            if !exporter.isRunning { throw WaitTimeout(description: exporter.lastWords) }
            return FileManager.default.fileExists(atPath: file)
        }
        let url = try String(contentsOfFile: file, encoding: .utf8).dropLast() + "/metrics"
        func scrape() throws -> Scrape { try Scrape(Command.run("curl", "--silent", "--max-time", "20", String(url))) }

        try waitUntil("the group keeps up") {
            try stage.send(1)
            let scrape = try scrape()
            return scrape["weir_group_state"].map(Set.init) == [0] && scrape.total("weir_group_committed_offset") > 20
        }
        let before = try scrape().total("weir_group_committed_offset")

        try consumer.stop()
        try waitUntil("the exporter tells of it") {
            try stage.send(1)
            return try (scrape()["weir_group_state"]?.max() ?? 0) >= 5
        }
        let bad = try scrape()
        #expect(bad.total("weir_lag_up") == 1)
        #expect(bad.total("weir_group_lag_records") > 0)
        let age = bad["weir_group_lag_seconds"]?.max() ?? 0
        #expect(age >= 2 && age < 120, "\(age)")
        // Dead, and nothing arrives any more: the age goes on rising.
        try waitUntil("the oldest record gets older") { try (scrape()["weir_group_lag_seconds"]?.max() ?? 0) > age + 1 }

        let words = try weir(["--tolerance", "1s", "--every", "500ms"])
        #expect(words.status == 1, "\(words)")
        #expect(words.output.contains(stage.isReal ? "STOP" : "STALL"), "\(words)")

        consumer = try stage.consumer()
        try waitUntil("the group has caught up") {
            let scrape = try scrape()
            return scrape["weir_group_state"].map(Set.init) == [0] && scrape.total("weir_group_lag_records") == 0
        }
        let after = try scrape()
        #expect(after["weir_group_lag_seconds"]?.max() == 0)
        #expect(after.total("weir_group_committed_offset") > before)
        let good = try weir(["--json"])
        #expect(good.status == 0, "\(good)")
        let json = try #require(try JSONSerialization.jsonObject(with: Data(good.output.utf8)) as? [String: Any])
        let groups = try #require(json["groups"] as? [[String: Any]])
        #expect(groups.map { $0["state"] as? String } == ["ok"])
        #expect(groups.first?["lag_records"] as? Int == 0)
        #expect(json["ok"] as? Bool == true)
        try consumer.stop()
        exporter.terminate()
        #expect(try exporter.waitForEnd() == 0)
        #expect(!FileManager.default.fileExists(atPath: file))

        func weir(_ more: [String]) throws -> WeirProcess.Outcome {
            try WeirProcess(stage.arguments + more).wait(seconds: 120)
        }
    }

    /// What the mock cluster cannot answer: which groups there are, who is in them.
    @Test(.enabled(if: realBroker != nil, "needs a broker in $WEIR_BROKERS: the development broker lists no groups"))
    func aRealBrokersGroupsAreListedWithTheirMembers() throws {
        let stage = try Stage()
        let consumer = try stage.consumer()
        let all = [
            "lag", "--brokers", stage.brokers, "--topic", stage.topic, "--json", "--tolerance", "1s", "--every", "1s",
        ]
        func group() throws -> [String: Any]? {
            let outcome = try WeirProcess(all).wait(seconds: 120)
            let json = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
            return (json?["groups"] as? [[String: Any]])?.first { $0["group"] as? String == stage.group }
        }
        try waitUntil("the group is listed with its member, and keeps up") {
            try stage.send(1)
            let group = try group()
            let partitions = group?["partitions"] as? [[String: Any]] ?? []
            return group?["state"] as? String == "ok" && group?["members"] as? Int == 1 && partitions.count == 2
                && partitions.allSatisfy { $0["assigned"] as? Bool == true }
        }
        try consumer.stop()
        try stage.send(10)
        try waitUntil("it is listed without members, and stopped") {
            let group = try group()
            return group?["state"] as? String == "stop" && group?["members"] as? Int == 0
        }
    }

    @Test func mistakesAreTold() throws {
        let away = try WeirProcess("lag", "--brokers", "127.0.0.1:1", "--group", "g").wait(seconds: 120)
        #expect(away.status == 69)
        #expect(away.errors.contains("Check --brokers"), "\(away)")
        let both = try WeirProcess("lag", "--brokers", "127.0.0.1:1", "--watch", "--exporter", "127.0.0.1:0").wait(
            seconds: 120)
        #expect(both.status == 64)
        let cluster = try MockCluster()
        try cluster.createTopic("t", partitions: 1)
        let unlisted = try WeirProcess("lag", "--brokers", cluster.bootstrapServers).wait(seconds: 120)
        #expect(unlisted.status == 64)
        #expect(unlisted.errors.contains("--group"), "\(unlisted)")
        // A group that nobody has heard of is no data, and that is not good.
        let unknown = try WeirProcess("lag", "--brokers", cluster.bootstrapServers, "--group", "nobody").wait(
            seconds: 60)
        #expect(unknown.status == 1)
        #expect(unknown.output.contains("NO DATA"), "\(unknown)")
        withExtendedLifetime(cluster) {}
    }
}

/// Groups that committed a part of what they should; no client of anybody's is needed for that.
struct GroupLagGapTests {
    private let cluster: MockCluster
    private let topic = "half"

    /// Two partitions with five records each; `g` has committed all of the first, and nothing of the second.
    init() throws {
        cluster = try MockCluster()
        try cluster.createTopic(topic, partitions: 2)
        let waker = Waker()
        let settings = [("bootstrap.servers", cluster.bootstrapServers)]
        let producer = try KafkaProducer(settings + MockCluster.producerSettings, waker: waker) { _, _, _ in }
        var left = 10
        for number in 0..<left {
            _ = try producer.send(topic: topic, partition: Int32(number % 2), key: nil, payload: [1])
        }
        try waitUntil("the records are there") {
            producer.pollDeliveries(milliseconds: 50) { _ in left -= 1 }
            return left == 0
        }
        try KafkaGroupOffsets(group: "g", settings: settings).commit([(TopicPartition(topic: topic, partition: 0), 5)])
    }

    /// A dead group one of whose commits expired looks well if only what is committed is looked at.
    @Test(arguments: [["--topic", "half"], []])
    func aPartitionThatWasNeverCommittedIsNoData(_ choice: [String]) throws {
        let outcome = try WeirProcess(
            ["lag", "--brokers", cluster.bootstrapServers, "--group", "g"] + choice
        ).wait(seconds: 120)
        #expect(outcome.status == 1, "\(outcome)")
        #expect(outcome.output.contains("g: NO DATA, 0 behind in 1 of 2 partitions, 1 NO DATA 1 OK\n"), "\(outcome)")
        #expect(outcome.output.contains(/NO DATA +half +1 +- +- +- +0–5 +nothing committed\n/), "\(outcome)")
    }

    @Test func theExporterTellsOfItToo() throws {
        let scratch = try ScratchFolder()
        let file = "\(scratch.path)/address"
        let exporter = try WeirWorker(
            name: "exporter",
            [
                "lag", "--brokers", cluster.bootstrapServers, "--group", "g", "--exporter", "127.0.0.1:0",
                "--port-file", file,
            ])
        try waitUntil("the exporter listens") { FileManager.default.fileExists(atPath: file) }
        let url = try String(contentsOfFile: file, encoding: .utf8).dropLast() + "/metrics"
        let text = try Command.run("curl", "--silent", "--max-time", "20", String(url))
        #expect(text.contains("weir_group_state{group=\"g\"} 2\n"), "\(text)")
        #expect(text.contains(#"weir_group_partition_state{group="g",topic="half",partition="1"} 2"#), "\(text)")
        #expect(!text.contains(#"weir_group_lag_records{group="g",topic="half",partition="1"}"#), "\(text)")
        exporter.terminate()
        #expect(try exporter.waitForEnd() == 0)
    }

    @Test func aTopicThatIsNotThereIsSaid() throws {
        for topics in [["nosuch"], ["half", "nosuch"]] {
            let outcome = try WeirProcess(
                ["lag", "--brokers", cluster.bootstrapServers, "--group", "g"] + topics.flatMap { ["--topic", $0] }
            ).wait(seconds: 120)
            #expect(outcome.status == 64, "\(outcome)")
            #expect(outcome.errors.hasPrefix("weir: there is no topic nosuch on these brokers\n"), "\(outcome)")
        }
    }
}

/// A broker with a topic of two partitions, and a group that reads it.
private final class Stage {
    private let cluster: MockCluster?
    let brokers: String
    let topic = "lag-\(UUID().uuidString.prefix(8))"
    let group = "group-\(UUID().uuidString.prefix(8))"
    private let waker = Waker()
    private let producer: KafkaProducer
    private var sent = 0

    init() throws {
        cluster = realBroker == nil ? try MockCluster() : nil
        brokers = try realBroker ?? #require(cluster).bootstrapServers
        if let cluster {
            try cluster.createTopic(topic, partitions: 2)
        } else {
            try KafkaAdmin([("bootstrap.servers", brokers)]).createTopic(topic, partitions: 2)
        }
        producer = try KafkaProducer(
            [("bootstrap.servers", brokers)] + (cluster == nil ? [] : MockCluster.producerSettings), waker: waker
        ) { _, _, _ in }
    }

    var isReal: Bool { cluster == nil }
    var arguments: [String] { ["lag", "--brokers", brokers, "--group", group, "--topic", topic] }

    func consumer() throws -> OwnConsumer { try OwnConsumer(try #require(python), [brokers, group, topic]) }

    /// To each partition.
    func send(_ count: Int) throws {
        for _ in 0..<count {
            for partition in [0, 1] as [Int32] {
                sent += 1
                _ = try producer.send(topic: topic, partition: partition, key: nil, payload: Array("\(sent)".utf8))
            }
        }
        producer.pollDeliveries(milliseconds: 0) { _ in }
    }
}

/// consume.py as a process; gone with the value.
private final class OwnConsumer {
    private let process: ChildProcess
    private let input = Pipe()

    init(_ python: String, _ arguments: [String]) throws {
        process = try ChildProcess(
            python, [Repository.path("Tests/Integration/Clients/consume.py")] + arguments,
            input: .descriptor(input.fileHandleForReading.fileDescriptor))
        try input.fileHandleForReading.close()
        Leash.tie(process)
    }

    deinit {
        Leash.end(process)
    }

    /// It commits what it has read and leaves its group.
    func stop() throws {
        try input.fileHandleForWriting.close()
        try waitUntil("the consumer ends") { !process.isRunning }
    }
}

/// Values of a scrape by name.
private struct Scrape {
    private var values: [String: [Double]] = [:]

    init(_ text: String) {
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let name = line.prefix { $0 != "{" && $0 != " " }
            guard let value = line.split(separator: " ").last.flatMap({ Double($0) }) else { continue }
            values[String(name), default: []].append(value)
        }
    }

    subscript(name: String) -> [Double]? { values[name] }

    func total(_ name: String) -> Double { values[name]?.reduce(0, +) ?? 0 }
}
