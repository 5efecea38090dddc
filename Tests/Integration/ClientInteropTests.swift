// Confluent's own clients against `weir registry serve` and Weir: Python always, Java where its jars are.

import Foundation
import TestSupport
import Testing
import WeirCore
import WeirPostgres

private let python: String? = {
    guard let python = ProcessInfo.processInfo.environment["WEIR_PYTHON"],
        (try? Command.run(python, "-c", "import confluent_kafka.schema_registry.avro")) != nil
    else { return nil }
    return python
}()

/// Folder of jars: deploy/dev/java-clients.sh fetches them.
private let jars: String? = {
    guard let jars = ProcessInfo.processInfo.environment["WEIR_JAVA_JARS"],
        (try? Command.run("java", "-version")) != nil
    else { return nil }
    return jars
}()

private let example = Repository.path("topologies/examples/api-calls/schemas")
private func client(_ name: String) -> String { Repository.path("Tests/Integration/Clients/\(name)") }

@Suite(
    .enabled(
        if: python != nil && RegistryServer.isUsable,
        "needs $WEIR_PYTHON with confluent-kafka[schemaregistry,avro] (make setup)"))
struct PythonClientTests {
    /// Both ways of saying the schema: before the payload, and as a GUID in a header.
    @Test(arguments: ["prefix", "header"]) func whatAvroSerializerWritesIsMetered(_ place: String) throws {
        let registry = try RegistryServer(folder: example)
        let scratch = try ScratchFolder()
        let rig = try Rig.apiCalls()
        try rig.start("a", more: rig.withRegistry(registry.url, cache: scratch.path))
        let producer = try Client(
            try #require(python),
            [
                client("produce_calls.py"), rig.brokers, registry.url, rig.topic("api.calls.v1"),
                "\(example)/api.calls.v1/1.avsc", "3000", "7", place,
            ])
        let calls = try WrittenCall.list(try producer.finish())
        #expect(calls.count == 3000)
        try rig.waitUntilCounted(calls)
        #expect(try rig.stopAll() == [0])
        #expect(try rig.callTotals() == calls.totals())
        #expect(try rig.number("SELECT count(*) FROM weir.dead_letter") == 0)
        let name = place == "prefix" ? "GET /schemas/ids/100" : "GET /schemas/guids/"
        #expect(registry.requests.contains { $0.hasPrefix(name) }, "\(registry.requests)")
    }

    /// The registry's whole interface, by somebody else's idea of it: what is asked and expected is in the script.
    @Test func confluentsClientFindsWhatItExpects() throws {
        let folder = try ScratchFolder()
        try FileManager.default.createDirectory(atPath: "\(folder.path)/usage", withIntermediateDirectories: true)
        _ = try folder.write(
            #"{"type": "record", "name": "Usage", "namespace": "weir", "fields": [{"name": "a", "type": "int"}]}"#,
            to: "usage/1.avsc")
        _ = try folder.write("3: usage/1.avsc\n", to: "ids.yaml")
        let registry = try RegistryServer(folder: folder.path, isWritable: true)
        let checks = try Client(try #require(python), [client("registry_api.py"), registry.url]).finish()
        #expect(Int(checks.trimmingCharacters(in: .newlines)) ?? 0 > 60, "\(checks)")
    }

    @Test func whatWeirPublishesIsReadByAvroDeserializer() throws {
        // A registry that has never seen the contract: Weir brings it along.
        let copy = try SchemaCopy(Repository.path("schemas"))
        try FileManager.default.removeItem(atPath: "\(copy.path)/billing.usage.v1")
        let ids = try String(contentsOfFile: "\(copy.path)/ids.yaml", encoding: .utf8)
        try ids.split(separator: "\n").filter { !$0.hasPrefix("4:") }.joined(separator: "\n").write(
            toFile: "\(copy.path)/ids.yaml", atomically: true, encoding: .utf8)
        let registry = try RegistryServer(folder: copy.path, isWritable: true)
        let scratch = try ScratchFolder()
        let rig = try Rig()
        try rig.start("a", more: rig.withRegistry(registry.url, cache: scratch.path))
        try rig.expectExact(try rig.produce(rig.options(events: 5000)))
        #expect(FileManager.default.fileExists(atPath: "\(copy.path)/billing.usage.v1-value/1.avsc"))
        let reader = try Client(
            try #require(python),
            [client("read_usage_registry.py"), rig.brokers, registry.url, rig.topic("billing.usage.v1")])
        try expectTable(rig, try reader.finish())
    }
}

@Suite(
    .enabled(if: jars != nil && RegistryServer.isUsable, "needs java and $WEIR_JAVA_JARS (deploy/dev/java-clients.sh)"))
struct JavaClientTests {
    private func java(_ program: String, _ arguments: [String]) throws -> Client {
        try Client("java", ["-cp", "\(try #require(jars))/*", client(program)] + arguments)
    }

    private struct SerializedCall: Decodable {
        let organisation: String
        let payload: String

        enum CodingKeys: String, CodingKey {
            case organisation = "org_id"
            case payload
        }
    }

    @Test func whatKafkaAvroSerializerWritesIsMetered() throws {
        let copy = try SchemaCopy(example)
        let registry = try RegistryServer(folder: copy.path, isWritable: true)
        let scratch = try ScratchFolder()
        let rig = try Rig.apiCalls()
        try rig.start("a", more: rig.withRegistry(registry.url, cache: scratch.path))
        let topic = rig.topic("api.calls.v1")
        let serializer = try java(
            "SerializeCalls.java", [registry.url, topic, "\(example)/api.calls.v1/1.avsc", "1000", "7"])
        let lines = try serializer.finish()
        let sender = try OddSender(rig, topic: topic)
        for line in lines.split(separator: "\n") {
            let call = try JSONDecoder().decode(SerializedCall.self, from: Data(line.utf8))
            let payload: [UInt8] = try #require(Hex.bytes("0x" + call.payload))
            try sender.send(nil, key: Array(call.organisation.utf8), payload: payload)
        }
        try sender.finish()
        let calls = try WrittenCall.list(lines)
        #expect(calls.count == 1000)
        try rig.waitUntilProcessed()
        #expect(try rig.stopAll() == [0])
        #expect(try rig.callTotals() == calls.totals())
        // Java writes a schema's attributes in an order of its own: it was known all the same.
        #expect(!FileManager.default.fileExists(atPath: "\(copy.path)/api.calls.v1/2.avsc"))
        #expect(registry.requests.contains { $0.hasPrefix("POST /subjects/api.calls.v1-value/versions") })
    }

    @Test func whatWeirPublishesIsReadByKafkaAvroDeserializer() throws {
        let registry = try RegistryServer(folder: Repository.path("schemas"))
        let scratch = try ScratchFolder()
        let rig = try Rig()
        try rig.start("a", more: rig.withRegistry(registry.url, cache: scratch.path))
        try rig.expectExact(try rig.produce(rig.options(events: 2000)))
        let topic = rig.topic("billing.usage.v1")
        let messages = try TopicContents.read(topic, brokers: rig.brokers)
        let file = try scratch.write(
            messages.map { Hex.digits($0.payload ?? []) }.joined(separator: "\n"), to: "messages")
        try expectTable(rig, try java("DeserializeUsage.java", [registry.url, topic, file]).finish())
    }
}

/// The newest revision of each result, as another client read it, is the table's.
private func expectTable(_ rig: Rig, _ lines: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    var newest: [String: (revision: Int, line: String)] = [:]
    for line in lines.split(separator: "\n") {
        let message = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        func text(_ name: String) -> String { "\(message[name] ?? "")" }
        let key = "\(text("org_id"))|\(text("meter"))|\(text("window_start"))"
        let revision = try #require(message["revision"] as? Int)
        if revision > newest[key]?.revision ?? 0 {
            newest[key] = (
                revision, "\(text("org_id"))|\(text("meter"))|\(text("quantity"))|\(text("event_count"))|\(revision)"
            )
        }
    }
    let table = try rig.connection.column(
        "SELECT concat_ws('|', org_id, meter, quantity, event_count, revision) FROM billing.usage")
    #expect(newest.values.map(\.line).sorted() == table.sorted(), sourceLocation: sourceLocation)
    #expect(!table.isEmpty, sourceLocation: sourceLocation)
}
