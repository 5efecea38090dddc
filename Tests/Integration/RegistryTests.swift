// Weir with a registry: whose ids count, what an outage does, what a storm costs.

import Foundation
import TestSupport
import Testing
import WeirBench
import WeirKafka

@Suite(.enabled(if: RegistryServer.isUsable, "subjects are named after topics: not with WEIR_BROKERS"))
struct RegistryTests {
    private let schemas = Repository.path("schemas")

    private func lastReport(_ worker: WeirWorker) -> [String: Any] {
        let line = worker.text.split(separator: "\n").last { $0.hasPrefix("{") }
        return line.flatMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] } ?? [:]
    }

    @Test func idsAreTheRegistrysAndAskedForOnce() throws {
        let registry = try RegistryServer(folder: schemas)
        let scratch = try ScratchFolder()
        let contracts = try SchemaCopy(schemas)
        try contracts.renumber()
        let rig = try Rig()
        try rig.start(
            "a", threads: 3, more: rig.withRegistry(registry.url, contracts: contracts.path, cache: scratch.path))
        let expectation = try rig.produce(rig.options(events: 10_000))
        try rig.expectExact(expectation)
        for id in 1...3 {
            #expect(registry.requests.filter { $0 == "GET /schemas/ids/\(id)" }.count == 1, "\(registry.requests)")
        }
    }

    /// Without a folder at all: the contracts are the registry's newest.
    @Test func contractsMayBeTheRegistrys() throws {
        let registry = try RegistryServer(folder: schemas)
        let scratch = try ScratchFolder()
        let rig = try Rig()
        let more = rig.withRegistry(registry.url, contracts: "\(scratch.path)/none", cache: scratch.path)
        try rig.start("a", more: more)
        try rig.expectExact(try rig.produce(rig.options(events: 3000)))
        let check = try WeirProcess(["check", rig.file] + more).wait(seconds: 120)
        #expect(check.status == 0, "\(check)")
        let file = try TopologyCopy(rig.file) { $0.replacing("storage.usage.v1", with: "nobody") }
        let wrong = try WeirProcess(["check", file.file] + more).wait(seconds: 120)
        #expect(wrong.status == 65)
        #expect(wrong.errors.contains("nobody") && wrong.errors.contains(registry.url), "\(wrong)")
    }

    /// Without a folder, so that the subject is asked for by its name.
    @Test(arguments: [
        ("topic", "api.calls.v1-value"), ("record", "weir.examples.ApiCall"),
        ("topic-record", "api.calls.v1-weir.examples.ApiCall"),
    ])
    func subjectsAreNamedByTheStrategy(_ strategy: String, _ subject: String) throws {
        let example = "topologies/examples/api-calls"
        let copy = try SchemaCopy(Repository.path("\(example)/schemas"))
        try FileManager.default.moveItem(atPath: "\(copy.path)/api.calls.v1", toPath: "\(copy.path)/\(subject)")
        try "100: \(subject)/1.avsc\n".write(toFile: "\(copy.path)/ids.yaml", atomically: true, encoding: .utf8)
        let registry = try RegistryServer(folder: copy.path)
        let scratch = try ScratchFolder()
        let file = try TopologyCopy("\(example)/api-calls.yaml") {
            $0.replacing(
                "  - topic: api.calls.v1\n", with: "  - topic: api.calls.v1\n    schema: weir.examples.ApiCall\n")
        }
        let more = [
            "--schemas", "\(scratch.path)/none", "--registry", registry.url, "--registry-cache", scratch.path,
            "--subject-names", strategy,
        ]
        let check = try WeirProcess(["check", file.file] + more).wait(seconds: 120)
        #expect(check.status == 0, "\(check)")
        #expect(registry.requests.first == "GET /subjects/\(subject)/versions/latest", "\(registry.requests)")
    }

    @Test func anOutagePausesWhatNeedsItAndHeals() throws {
        let registry = try RegistryServer(folder: schemas)
        let scratch = try ScratchFolder()
        let rig = try Rig()
        let worker = try rig.start(
            "a", more: rig.withRegistry(registry.url, cache: scratch.path) + ["--report-every", "200ms"])
        try waitUntil("it has partitions", seconds: 60) { worker.text.contains("took over partitions") }
        try registry.kill()
        let generator = try Generator(rig.options(events: 4000), topology: rig.topology, schemas: rig.schemas)
        try rig.sendAll(generator)
        try waitUntil("it says so") {
            worker.text.contains("schemas cannot be asked for")
                && lastReport(worker)["waiting_for_schemas"] as? Int ?? 0 > 0
        }
        // Six times as long as an unknown id would be waited for.
        let end = ContinuousClock.now + .seconds(3)
        while ContinuousClock.now < end {
            #expect(try rig.number("SELECT count(*) FROM weir.dead_letter") == 0)
            #expect(try rig.parkedRecords() == 0)
            Thread.sleep(forTimeInterval: 0.05)
        }
        #expect(try rig.processed() == 0)
        try registry.start()
        try rig.expectExact(generator.expectation)
        #expect(worker.text.contains("schemas can be asked for again"), "\(worker.lastWords)")
        #expect(worker.text.split(separator: "\n").count { $0.contains("schemas cannot be asked for") } < 5)
    }

    @Test func whatWasOnceSaidOutlivesTheRegistryAndARestart() throws {
        let registry = try RegistryServer(folder: schemas)
        let scratch = try ScratchFolder()
        let rig = try Rig()
        let more = rig.withRegistry(registry.url, cache: scratch.path)
        let first = try rig.start("a", more: more)
        let options = rig.options(events: 6000)
        let generator = try Generator(options, topology: rig.topology, schemas: rig.schemas)
        let sink = try KafkaGeneratorSink(
            brokers: rig.brokers, topics: generator.topics, largestRecord: generator.largestRecord)
        func send(_ count: Int) throws {
            for _ in 0..<count {
                guard let record = generator.next() else { break }
                try sink.send(record)
                rig.noteProduced(1)
            }
            try sink.finish()
        }
        try send(2000)
        try rig.waitUntilProcessed()
        try registry.kill()
        try send(2000)
        try rig.waitUntilProcessed()
        #expect(try rig.stop(first) == 0)
        let second = try rig.start("b", more: more)
        try send(.max)
        try rig.expectExact(generator.expectation)
        #expect(second.text.contains("took over partitions"))
        // Without the files it says that it cannot begin.
        let lost = try WeirProcess(
            ["run", rig.file, "--brokers", rig.brokers, "--postgres", rig.database.connectionString]
                + rig.withRegistry(registry.url, cache: scratch.path + "/other")
        ).wait(seconds: 120)
        #expect(lost.status == 69)
        #expect(lost.errors.contains(registry.url), "\(lost)")
    }

    @Test func aStormOfAnUnknownIdCostsFewRequests() throws {
        let copy = try SchemaCopy(Repository.path("topologies/examples/api-calls/schemas"))
        let registry = try RegistryServer(folder: copy.path)
        let scratch = try ScratchFolder()
        let rig = try Rig.apiCalls(
            adding: "retry: { schema: { first: 200ms, longest: 1s, deadline: 10m } }", schemas: copy.path)
        try rig.start("a", threads: 2, more: rig.withRegistry(registry.url, cache: scratch.path))
        let expectation = try rig.sendUnderUnknownSchema(rig.topic("api.calls.v1"), events: 5000)
        try rig.waitUntilRead()
        try waitUntil("it was asked about again") {
            registry.requests.filter { $0 == "GET /schemas/ids/99" }.count >= 3
        }
        #expect(try rig.parkedRecords() == 5000)
        // 5,000 records in four partitions of two workers: a request each time that somebody's wait is over.
        let asked = registry.requests.filter { $0 == "GET /schemas/ids/99" }.count
        #expect(asked < 60, "\(asked)")
        #expect(try rig.number("SELECT count(*) FROM weir.dead_letter") == 0)
        try copy.add(id: 99, subject: "api.calls.v1")
        try rig.expectExact(expectation)
        #expect(try rig.parkedRecords() == 0)
    }

    @Test func anIdThatNobodyEverRegistersIsADeadLetter() throws {
        let registry = try RegistryServer(folder: Repository.path("topologies/examples/api-calls/schemas"))
        let scratch = try ScratchFolder()
        let rig = try Rig.apiCalls()
        try rig.start("a", more: rig.withRegistry(registry.url, cache: scratch.path))
        _ = try rig.sendUnderUnknownSchema(rig.topic("api.calls.v1"), events: 300)
        try rig.waitUntilProcessed()
        #expect(try rig.stopAll() == [0])
        let letters = try rig.number(
            "SELECT count(*) FROM weir.dead_letter WHERE reason = 'unknown_schema' AND message LIKE '%\(registry.url)%'"
        )
        #expect(letters == 300)
        try rig.expectCountersAddUp()
    }
}
