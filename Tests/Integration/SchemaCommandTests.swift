// weir schema: what it finds, how it says so, and that this repository's contracts keep their promises.

import Foundation
import TestSupport
import Testing

struct SchemaCommandTests {
    private func run(_ arguments: String...) throws -> WeirProcess.Outcome {
        try WeirProcess(arguments).wait(seconds: 120)
    }

    /// The contract tests: every subject against its level and rules, every topology against every version.
    @Test func ourContractsKeepTheirPromises() throws {
        let own = try run("schema", "check", "topologies/billing-usage.yaml")
        #expect(own.status == 0, "\(own)")
        #expect(own.output.contains("reads storage.usage.v1, versions 1"))
        let folder = "topologies/examples/api-calls"
        let example = try run("schema", "check", "\(folder)/api-calls.yaml", "--schemas", "\(folder)/schemas")
        #expect(example.status == 0, "\(example)")
    }

    @Test func aBrokenPromiseIsShownAsADifference() throws {
        let copy = try SchemaCopy(Repository.path("schemas"))
        try copy.addVersion(99, of: "storage.usage.v1") {
            $0.replacing(#""name": "bytes","#, with: #""name": "byte_count","#)
                .replacing(#""name": "org_id",\n      "type": "string""#, with: #""name": "org_id", "type": "bytes""#)
        }
        let outcome = try run("schema", "check", "--schemas", copy.path)
        #expect(outcome.status == 65)
        for words in [
            "storage.usage.v1: versions 1, 2, BACKWARD_TRANSITIVE", "version 2 breaks it", "- bytes: long",
            "+ byte_count: long", "it cannot read records of version 1: StorageUsage.byte_count",
            "READER_FIELD_MISSING_DEFAULT_VALUE at /fields/4",
        ] {
            #expect(outcome.output.contains(words), "\(words) in \(outcome.output)")
        }
        #expect(outcome.errors.contains("1 of 5 subjects break"), "\(outcome)")
        // And the topology that reads it.
        let topology = try run("check", "topologies/billing-usage.yaml", "--schemas", copy.path)
        #expect(topology.status == 65)
        #expect(topology.errors.contains("bytes"), "\(topology)")
    }

    /// A version that the newest contract can read, but the topology has no value for.
    @Test func aTopologyMustReadEveryVersion() throws {
        let copy = try SchemaCopy(Repository.path("schemas"))
        try copy.addVersion(99, of: "storage.usage.v1") {
            $0.replacing(#""name": "bytes","#, with: #""name": "bytes", "default": "x","#)
        }
        #expect(
            try run("schema", "check", "--schemas", copy.path).errors.contains("default"), "a default of the wrong type"
        )
        try FileManager.default.removeItem(atPath: "\(copy.path)/config.yaml")
        try "compatibility: NONE\n".write(toFile: "\(copy.path)/config.yaml", atomically: true, encoding: .utf8)
        try copy.change("storage.usage.v1/2.avsc") {
            $0.replacing(#", "default": "x","#, with: ",").replacing(#""bytes","#, with: #""size","#)
        }
        let file = try TopologyCopy("topologies/billing-usage.yaml") {
            $0.replacing("field: bytes", with: "field: size")
        }
        let outcome = try run("schema", "check", file.file, "--schemas", copy.path)
        #expect(outcome.status == 65)
        #expect(
            outcome.errors.contains("records of storage.usage.v1 version 1 would be dead letters: size"), "\(outcome)")
        #expect(outcome.errors.contains("\(file.file):"), "\(outcome)")
    }

    @Test func styleIsChecked() throws {
        let copy = try SchemaCopy(Repository.path("schemas"))
        try copy.addVersion(99, of: "storage.usage.v1") {
            $0.replacing("timestamp-micros", with: "timestamp-millis")
                .replacing(#""doc": "Bytes stored at that moment.""#, with: #""doc": """#)
        }
        try copy.change("user.activity.v1/1.avsc") {
            $0.replacing(#""name": "idempotency_key""#, with: #""name": "key""#)
        }
        try copy.change("ai.analysis.v1/1.avsc") {
            $0.replacing(#""name": "org_id""#, with: #""name": "organisation""#)
        }
        let outcome = try run("schema", "check", "--schemas", copy.path)
        #expect(outcome.status == 65)
        for words in [
            "bytes: has no doc", "occurred_at: is long (timestamp-millis), was timestamp-micros",
            "idempotency_key: the field is missing", "org_id: the field is missing",
        ] {
            #expect(outcome.output.contains(words), "\(words) in \(outcome.output)")
        }
    }

    @Test func configurationMistakesHaveTheirLine() throws {
        let copy = try SchemaCopy(Repository.path("schemas"))
        try "compatibility: BACKWARDS\nrule: []\n".write(
            toFile: "\(copy.path)/storage.usage.v1/config.yaml", atomically: true, encoding: .utf8)
        let outcome = try run("schema", "check", "--schemas", copy.path)
        #expect(outcome.status == 65)
        #expect(outcome.errors.contains("storage.usage.v1/config.yaml:1:16"), "\(outcome)")
        #expect(outcome.errors.contains("did you mean 'BACKWARD'") && outcome.errors.contains("did you mean 'rules'"))
    }

    @Test func schemasAreShownAndCompared() throws {
        let shown = try run("schema", "show", "storage.usage.v1")
        #expect(shown.status == 0)
        #expect(shown.output.contains("storage.usage.v1/1 (id 1)"))
        #expect(
            shown.output.contains("long (timestamp-micros)") && shown.output.contains("When the measurement was taken"))
        #expect(try run("schema", "show", "1").output == shown.output)
        let text = try String(contentsOfFile: Repository.path("schemas/storage.usage.v1/1.avsc"), encoding: .utf8)
        #expect(try run("schema", "show", "--json", "storage.usage.v1/1").output.hasPrefix(text))
        let wrong = try run("schema", "show", "storage.usage.v2")
        #expect(wrong.status == 65 && wrong.errors.contains("did you mean 'storage.usage.v1'"), "\(wrong)")
        let diff = try run(
            "schema", "diff", "topologies/examples/api-calls/schemas/api.calls.v1/1.avsc",
            "Tests/Integration/Clients/api.calls.v2.avsc")
        #expect(diff.status == 0)
        for line in [
            #"+ tier: string = "standard""#, "~ region: weir.examples.Region (enum) {UNKNOWN, EU, US, ASIA}",
            "yes: the new reads records of the old (BACKWARD)", "yes: the old reads records of the new (FORWARD)",
        ] {
            #expect(diff.output.contains(line), "\(line) in \(diff.output)")
        }
    }

    /// docs/contracts is what `weir schema docs` writes.
    @Test func thePagesAreCurrent() throws {
        let scratch = try ScratchFolder()
        let committed = Repository.path("docs/contracts")
        let output = ProcessInfo.processInfo.environment["WEIR_REGENERATE"] == "1" ? committed : scratch.path
        #expect(try run("schema", "docs", "--output", output).status == 0)
        let pages = try FileManager.default.contentsOfDirectory(atPath: output).sorted()
        #expect(
            pages == [
                "README.md", "ai.analysis.v1.md", "billing.usage.v1.md", "slo.lag.v1.md", "storage.usage.v1.md",
                "user.activity.v1.md",
            ])
        for page in pages {
            let isCurrent = FileManager.default.contentsEqual(
                atPath: "\(output)/\(page)", andPath: "\(committed)/\(page)")
            #expect(
                isCurrent, "docs/contracts/\(page) is stale: .build/release/weir schema docs --output docs/contracts")
        }
    }
}

extension SchemaCopy {
    func addVersion(_ id: Int, of subject: String, _ change: (String) -> String) throws {
        try add(id: id, subject: subject)
        try self.change("\(subject)/2.avsc", change)
    }

    func change(_ file: String, _ change: (String) -> String) throws {
        let text = try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8)
        let new = change(text)
        #expect(new != text)
        try new.write(toFile: "\(path)/\(file)", atomically: true, encoding: .utf8)
    }
}
