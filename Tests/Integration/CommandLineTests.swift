// Exit codes and what is said with them: scripts and people go by both.

import Foundation
import TestSupport
import Testing
import WeirCore

struct CommandLineTests {
    private let billing = "topologies/billing-usage.yaml"

    private func run(_ arguments: String..., seconds: Int = 120) throws -> WeirProcess.Outcome {
        try WeirProcess(arguments).wait(seconds: seconds)
    }

    @Test func helpNamesEveryCommand() throws {
        let help = try run("--help")
        #expect(help.status == 0)
        for command in [
            "run", "check", "migrate", "generate", "schema", "registry", "dlq", "broker", "postgres", "demo", "verify",
        ] {
            #expect(help.output.contains(try Regex("(?m)^  \(command) ")), "\(command)")
            let own = try run(command, "--help")
            #expect(own.status == 0 && own.output.contains("USAGE: weir \(command)"), "\(own)")
        }
        #expect(try run("--version").output.split(separator: ".").count == 3)
    }

    @Test(arguments: [
        "run", "check", "migrate", "generate", "schema", "registry", "dlq", "broker", "postgres", "demo", "verify",
    ])
    func anUnknownFlagIsWrongUsage(_ command: String) throws {
        let outcome = try run(command, "--no-such-flag", "x")
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("--no-such-flag"), "\(outcome)")
    }

    @Test func wrongUsageSaysWhatIsRight() throws {
        let server = try run("run", billing)
        #expect(server.status == 64)
        #expect(server.errors.contains("WEIR_BROKERS"), "\(server)")
        let database = try run("migrate")
        #expect(database.status == 64)
        #expect(database.errors.contains("WEIR_POSTGRES"), "\(database)")
        let share = try run("generate", billing, "--dry-run", "--poison", "2")
        #expect(share.status == 64)
        #expect(share.errors.contains("--poison is 2"), "\(share)")
        let setting = try run("generate", billing, "--brokers", "127.0.0.1:1", "--kafka", "nonsense")
        #expect(setting.status == 64)
        #expect(setting.errors.contains("name=value"), "\(setting)")
        // Every command says it the same way, and before it starts anything.
        for command in [
            ["generate", billing, "--brokers", "127.0.0.1:1"], ["check", billing, "--brokers", "127.0.0.1:1"],
            ["run", billing, "--brokers", "127.0.0.1:1", "--postgres", "host=/nonexistent"],
            ["lag", "--brokers", "127.0.0.1:1", "--group", "g"], ["demo"], ["verify"],
            ["bench", "run", "bench/scenarios/w1-steady.yaml"],
        ] {
            let unknown = try WeirProcess(command + ["--kafka", "foo=bar"]).wait(seconds: 120)
            #expect(unknown.status == 64, "\(command): \(unknown)")
            #expect(
                unknown.errors.contains("weir: --kafka foo=bar: No such configuration property: \"foo\"\n"),
                "\(command): \(unknown)")
            #expect(unknown.errors.contains("CONFIGURATION.md"), "\(command): \(unknown)")
        }
        let scratch = try ScratchFolder()
        let scenario = try String(contentsOfFile: Repository.path("bench/scenarios/w1-steady.yaml"), encoding: .utf8)
        let file = try scratch.write(
            scenario.replacing("kafka: [fetch.wait.max.ms=5]", with: "kafka: [foo=bar]"), to: "s.yaml")
        let lines = scenario.split(separator: "\n", omittingEmptySubsequences: false)
        let line = try #require(lines.firstIndex { $0.hasPrefix("kafka: ") }) + 1
        let inFile = try run("bench", "run", file)
        #expect(inFile.status == 65, "\(inFile)")
        #expect(
            inFile.errors.contains(
                "\(file):\(line):9: an entry of kafka is not taken by librdkafka: 'foo=bar': No such configuration property"
            ),
            "\(inFile)")
        let workers = try run("run", billing, "--workers", "0")
        #expect(workers.status == 64)
        for wrong in [
            ["--kills", "0"], ["--patience", "9"], ["--session-timeout", "2ms"], ["--report", "x.txt"],
            ["--poison", "2"],
        ] {
            let verify = try WeirProcess(["verify"] + wrong).wait(seconds: 120)
            #expect(verify.status == 64 && verify.errors.contains(wrong[0]), "\(verify)")
        }
        #expect(try run().output.contains("SUBCOMMANDS"))
    }

    @Test func aPortThatIsTakenIsSaidInOneLine() throws {
        let taken = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(taken) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(taken, $0, length) == 0 && listen(taken, 1) == 0 && getsockname(taken, $0, &length) == 0
            }
        }
        #expect(isBound)
        let place = "127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
        let outcome = try run(
            "run", billing, "--brokers", "127.0.0.1:1", "--postgres", "host=/nonexistent", "--console", place)
        #expect(outcome.status == 69)
        #expect(
            outcome.errors.contains(
                """
                weir: --console: cannot listen on \(place): Address already in use; choose another port, or :0 for one \
                that is free

                """), "\(outcome)")
    }

    @Test func aGoodTopologyIsGood() throws {
        let outcome = try run("check", billing)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.output.contains("no mistakes found"))
        let folder = "topologies/examples/api-calls"
        let own = try run("check", "\(folder)/api-calls.yaml", "--schemas", "\(folder)/schemas")
        #expect(own.status == 0, "\(own)")
    }

    @Test(arguments: ["check", "run", "generate"])
    func mistakesAreTheirLines(_ command: String) throws {
        let servers = command == "check" ? [] : ["--brokers", "127.0.0.1:1"]
        let database = command == "run" ? ["--postgres", "host=/nonexistent"] : []
        // The line after the file's last one.
        let text = try String(contentsOfFile: Repository.path(billing), encoding: .utf8)
        let line = text.split(separator: "\n", omittingEmptySubsequences: false).count + 1
        let broken = try TopologyCopy(billing, adding: "limits: [")
        let yaml = try WeirProcess([command, broken.file] + servers + database).wait(seconds: 120)
        #expect(yaml.status == 65)
        #expect(yaml.errors.contains("\(broken.file):"), "\(yaml)")
        let unknown = try TopologyCopy(billing, adding: "limit: {}")
        let key = try WeirProcess([command, unknown.file] + servers + database).wait(seconds: 120)
        #expect(key.status == 65)
        #expect(key.errors.contains("\(unknown.file):\(line)"), "\(key)")
        #expect(key.errors.contains("limits"), "the nearest name: \(key)")
    }

    @Test func aFieldThatTheSchemaLacksIsAMistake() throws {
        let copy = try TopologyCopy(billing) { $0.replacing("field: input_tokens", with: "field: input_token") }
        let text = try String(contentsOfFile: copy.file, encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let line = try #require(lines.firstIndex { $0.hasSuffix("input_token") }) + 1
        for command in ["check", "run"] {
            let outcome = try WeirProcess(
                [command, copy.file, "--brokers", "127.0.0.1:1", "--postgres", "host=/nonexistent"]
            ).wait(seconds: 120)
            #expect(outcome.status == 65)
            #expect(outcome.errors.contains("\(copy.file):\(line)"), "\(outcome)")
            #expect(outcome.errors.contains("input_token"), "\(outcome)")
        }
    }

    @Test func serversThatAreAwayAreNamed() throws {
        let database = try TestDatabase.migrated()
        let broker = try run("generate", billing, "--brokers", "127.0.0.1:1", "--events", "1")
        #expect(broker.status == 69)
        #expect(broker.errors.contains("127.0.0.1:1"), "\(broker)")
        let topics = try run("check", billing, "--brokers", "127.0.0.1:1")
        #expect(topics.status == 69)
        #expect(topics.errors.contains("127.0.0.1:1"), "\(topics)")
        let run = try run("run", billing, "--brokers", "127.0.0.1:1", "--postgres", "host=/nonexistent")
        #expect(run.status == 69)
        #expect(run.errors.contains("/nonexistent"), "\(run)")
        let missing = try self.run(
            "run", billing, "--brokers", "127.0.0.1:1", "--postgres",
            database.connectionString + " dbname=no_such_database")
        #expect(missing.status == 69)
        #expect(missing.errors.contains("no_such_database"), "\(missing)")
    }

    @Test func aDatabaseThatIsNotMigratedIsBadData() throws {
        let database = try TestDatabase()
        let outcome = try run("run", billing, "--brokers", "127.0.0.1:1", "--postgres", database.connectionString)
        #expect(outcome.status == 65)
        #expect(outcome.errors.contains("weir migrate"), "\(outcome)")
    }

    @Test func aCheckLooksAtServersToo() throws {
        let rig = try Rig(partitions: 3)
        let servers = ["--brokers", rig.brokers, "--postgres", rig.database.connectionString]
        let outcome = try WeirProcess(["check", billing] + servers).wait(seconds: 120)
        #expect(outcome.status == 0, "\(outcome)")
        for source in rig.topology.sources {
            #expect(outcome.output.contains("topic \(source.topic) is there with 3 partitions"))
        }
        #expect(outcome.output.contains("table billing.usage is there"))
        #expect(try rig.connection.column("SELECT meter FROM weir.meter") == [], "a check claims nothing")
        let noTable = try TopologyCopy(billing) { $0.replacing("table: billing.usage", with: "table: billing.other") }
        let missing = try WeirProcess(["check", noTable.file] + servers).wait(seconds: 120)
        #expect(missing.status == 65)
        #expect(missing.errors.contains("weir.create_usage_table('billing.other')"), "\(missing)")
    }

    @Test func aMeterBelongsToOneTopology() throws {
        let rig = try Rig()
        try rig.start("owner")
        try waitUntil("the meters are claimed") {
            try rig.connection.column("SELECT DISTINCT topology FROM weir.meter") == ["billing-usage"]
        }
        #expect(try rig.stopAll() == [0])
        let copy = try TopologyCopy(billing) { $0.replacing("topology: billing-usage", with: "topology: rival") }
        let servers = ["--brokers", rig.brokers, "--postgres", rig.database.connectionString]
        let rival = try WeirProcess(["run", copy.file] + servers).wait(seconds: 120)
        #expect(rival.status == 65)
        #expect(rival.errors.contains("belongs to topology 'billing-usage'"), "\(rival)")
        let other = try TopologyCopy(billing) { $0.replacing("aggregate: max", with: "aggregate: min") }
        let changed = try WeirProcess(["run", other.file] + servers).wait(seconds: 120)
        #expect(changed.status == 65)
        #expect(changed.errors.contains("storage_bytes"), "\(changed)")
        let check = try WeirProcess(["check", other.file] + servers).wait(seconds: 120)
        #expect(check.status == 65)
    }

    @Test func aBrokerOfItsOwnTakesRecords() throws {
        let address = FileManager.default.temporaryDirectory.appending(path: "weir-\(UUID().uuidString)")
        let broker = try WeirWorker(
            name: "broker",
            ["broker", "--topics", "storage.usage.v1:2,ai.analysis.v1,user.activity.v1", "--port-file", address.path])
        try waitUntil("it takes connections") { FileManager.default.fileExists(atPath: address.path) }
        let brokers = try String(contentsOf: address, encoding: .utf8).trimmingCharacters(in: .newlines)
        let outcome = try run("generate", billing, "--brokers", brokers, "--events", "500", "--quiet")
        #expect(outcome == WeirProcess.Outcome(status: 0, output: "", errors: ""))
        var ends = 0
        for topic in ["storage.usage.v1", "ai.analysis.v1", "user.activity.v1"] {
            ends += Int(try TopicContents.ends(topic, brokers: brokers).values.reduce(0, +))
        }
        #expect(ends == 500)
        #expect(try TopicContents.ends("storage.usage.v1", brokers: brokers).count == 2)
        broker.terminate()
        #expect(try broker.waitForEnd() == 0)
        #expect(!FileManager.default.fileExists(atPath: address.path))
    }
}
