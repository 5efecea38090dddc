// Running `weir dlq` in a rig, and what the tests of it send.

import Foundation
import Testing
import WeirAvro
import WeirBench
import WeirCore
import WeirKafka

extension Rig {
    /// Arguments of `weir dlq` with the rig's servers.
    func dlqArguments(_ arguments: [String]) -> [String] {
        let takesSchemas = ["show", "replay"].contains(arguments[0])
        return ["dlq"] + arguments + ["--postgres", database.connectionString]
            + (takesSchemas ? ["--schemas", schemas.path] : [])
            + (arguments[0] == "replay" ? ["--brokers", brokers] : [])
    }

    /// Runs `weir dlq` to its end.
    func dlq(_ arguments: String...) throws -> WeirProcess.Outcome {
        try WeirProcess(dlqArguments(arguments)).wait(seconds: 60)
    }

    /// What `weir dlq list --json` lists.
    func dlqList(_ arguments: String...) throws -> [[String: Any]] {
        // Its output goes to a file: a pipe that nobody reads meanwhile holds 64 KiB.
        let process = try WeirWorker(name: "list", dlqArguments(["list", "--json"] + arguments))
        #expect(try process.waitForEnd() == 0)
        return try process.text.split(separator: "\n").map { line in
            try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
    }

    /// Dead letters by state.
    func states() throws -> [String: Int] {
        var states: [String: Int] = [:]
        for letter in try dlqList("--state", "all") { states[letter["state"] as? String ?? "", default: 0] += 1 }
        return states
    }

    /// Records of the rig's sources, replays included.
    func recordsInTopics() throws -> Int { Int(try inputEnds().values.reduce(0, +)) }

    /// Waits until the workers have processed all that is in the topics, replays included.
    func waitUntilReplaysAreProcessed() throws {
        let all = try recordsInTopics()
        noteProduced(all - produced)
        try waitUntilProcessed()
    }

    /// Good events of one topic in frames of schema id 99, which no `ids.yaml` knows yet.
    ///
    /// - Returns: what must come of them once it does.
    func sendUnderUnknownSchema(_ topic: String, events: Int) throws -> Expectation {
        let options = options(events: events) {
            $0.repeats = 0
            $0.conflicts = 0
        }
        let generator = try Generator(options, topology: topology, schemas: schemas)
        let sender = try OddSender(self, topic: topic)
        while let record = generator.next() {
            #expect(record.topic == topic)
            var payload = try #require(record.payload)
            payload.replaceSubrange(1..<5, with: [0, 0, 0, 99])
            try sender.send("unknown_schema", key: record.key, payload: payload, headers: [KafkaHeader("trace", "1")])
        }
        try sender.finish()
        return generator.expectation
    }
}

/// A copy of a schema folder, to be changed by a test.
final class SchemaCopy {
    let path: String

    init(_ folder: String) throws {
        path = FileManager.default.temporaryDirectory.appending(path: "weir-schemas-\(UUID().uuidString)").path
        try FileManager.default.copyItem(atPath: folder, toPath: path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Gives an id to a second version of a subject that is the first one's copy.
    func add(id: Int, subject: String) throws {
        try FileManager.default.copyItem(atPath: "\(path)/\(subject)/1.avsc", toPath: "\(path)/\(subject)/2.avsc")
        let ids = try String(contentsOfFile: "\(path)/ids.yaml", encoding: .utf8)
        try "\(ids)\n\(id): \(subject)/2.avsc\n".write(toFile: "\(path)/ids.yaml", atomically: true, encoding: .utf8)
    }
}
