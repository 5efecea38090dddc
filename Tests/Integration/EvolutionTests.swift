// A contract gets a second version while everything runs: nobody stops, nothing is lost.

import Foundation
import TestSupport
import Testing
import WeirAvro
import WeirRegistry

private let python: String? = {
    guard let python = ProcessInfo.processInfo.environment["WEIR_PYTHON"],
        (try? Command.run(python, "-c", "import confluent_kafka.schema_registry.avro")) != nil
    else { return nil }
    return python
}()

@Suite(
    .enabled(
        if: python != nil && RegistryServer.isUsable,
        "needs $WEIR_PYTHON with confluent-kafka[schemaregistry,avro] (make setup)"))
struct EvolutionTests {
    private static let example = Repository.path("topologies/examples/api-calls/schemas")
    private static let second = Repository.path("Tests/Integration/Clients/api.calls.v2.avsc")

    private func produce(_ rig: Rig, _ registry: RegistryServer, _ version: Int, seed: Int, count: Int = 3000) throws
        -> Client
    {
        let file = version == 1 ? "\(Self.example)/api.calls.v1/1.avsc" : Self.second
        return try Client(
            try #require(python),
            [
                Repository.path("Tests/Integration/Clients/produce_calls.py"), rig.brokers, registry.url,
                rig.topic("api.calls.v1"), file, String(count), String(seed), "prefix",
            ])
    }

    /// Before: producers of version 1. Then version 2 appears in the topic under an id that Weir's registry does not
    /// know yet, beside version 1; then it is registered there; then a consumer on version 2 joins, and the old one goes.
    @Test func aSecondVersionComesWhileEverythingRuns() throws {
        let contracts = try SchemaCopy(Self.example)
        let ours = try SchemaCopy(Self.example)
        let registry = try RegistryServer(folder: ours.path, isWritable: true)
        // Where the team of version 2 registered it; ids go on from the same number.
        let theirs = try SchemaCopy(Self.example)
        let early = try RegistryServer(folder: theirs.path, isWritable: true)
        let scratch = try ScratchFolder()
        let rig = try Rig.apiCalls(
            adding: "retry: { schema: { first: 100ms, longest: 500ms, deadline: 10m } }", schemas: contracts.path)
        let first = try rig.start(
            "consumer on version 1",
            more: rig.withRegistry(registry.url, cache: scratch.path) + ["--report-every", "1s"])

        // Both producers at once, while version 2 is unknown.
        let old = try produce(rig, registry, 1, seed: 1)
        let new = try produce(rig, early, 2, seed: 2)
        var calls = try WrittenCall.list(try old.finish())
        let waiting = try WrittenCall.list(try new.finish())
        rig.noteProduced(calls.count + waiting.count)
        try rig.waitUntilRead()
        try waitUntil("version 1 is counted and version 2 waits") {
            try rig.processed() == calls.count && rig.parkedRecords() == waiting.count
        }

        // It is registered: what waits is counted, by the consumer that still reads as version 1.
        let client = RegistryClient(try RegistrySettings(urls: registry.url))
        let text = try String(contentsOfFile: Self.second, encoding: .utf8)
        #expect(try client.register(SchemaContent(text: text), in: "api.calls.v1-value") == 101)
        calls += waiting
        try rig.waitUntilCounted(calls)
        let known = { (region: String) in region == "AFRICA" ? "UNKNOWN" : region }
        #expect(waiting.contains { $0.region == "AFRICA" })
        #expect(try rig.callTotals() == calls.totals(known))

        // A consumer on version 2 joins while both are written on, and the one on version 1 leaves.
        try FileManager.default.copyItem(atPath: Self.second, toPath: "\(contracts.path)/api.calls.v1/2.avsc")
        try "100: api.calls.v1/1.avsc\n101: api.calls.v1/2.avsc\n".write(
            toFile: "\(contracts.path)/ids.yaml", atomically: true, encoding: .utf8)
        let third = try produce(rig, registry, 1, seed: 3)
        let fourth = try produce(rig, registry, 2, seed: 4)
        try rig.start("consumer on version 2", more: rig.withRegistry(registry.url, cache: scratch.path))
        try rig.waitUntilAllHavePartitions()
        #expect(try rig.stop(first) == 0)
        calls += try WrittenCall.list(try third.finish())
        calls += try WrittenCall.list(try fourth.finish())
        try rig.waitUntilCounted(calls)
        // Which of the two read a call from Africa is chance; that it was read once is not.
        #expect(try rig.callTotals(known) == calls.totals(known))

        // From now on Africa has its name.
        let before = try rig.callTotals()
        let last = try WrittenCall.list(try produce(rig, registry, 2, seed: 5).finish())
        calls += last
        try rig.waitUntilCounted(calls)
        #expect(try rig.stopAll() == [0])
        let after = try rig.callTotals().filter { $0.key.hasPrefix("api_calls|") }
        let grown = after.merging(before) { $0 - $1 }.filter {
            $0.key.hasPrefix("api_calls|") && $0.value != 0 && after[$0.key] != nil
        }
        #expect(grown == last.totals().filter { $0.key.hasPrefix("api_calls|") })
        #expect(try rig.number("SELECT count(*) FROM weir.dead_letter") == 0)
        #expect(try rig.parkedRecords() == 0)
        #expect(try rig.nextOffsets() == rig.inputEnds())
    }
}
