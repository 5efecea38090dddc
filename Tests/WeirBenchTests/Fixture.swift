// Topologies and options that the tests share.

import Foundation
import WeirAvro
import WeirBench
import WeirCore

/// Swift Testing has a type of that name, too.
typealias Expectation = WeirBench.Expectation

struct Fixture {
    let topology: Topology
    let schemas: SchemaFolder

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path(percentEncoded: false)
    /// 2026-11-10T12:00:00Z: the clock of all tests.
    static let now = Timestamp(microseconds: 1_794_312_000_000_000)

    static func billing() throws -> Fixture {
        try Fixture(file: "\(root)topologies/billing-usage.yaml", schemas: "\(root)schemas")
    }

    static func apiCalls() throws -> Fixture {
        let folder = "\(root)topologies/examples/api-calls"
        return try Fixture(file: "\(folder)/api-calls.yaml", schemas: "\(folder)/schemas")
    }

    init(file: String, schemas: String) throws {
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try self.init(text: text, schemas: SchemaFolder(path: schemas))
    }

    init(text: String, schemas: SchemaFolder) throws {
        topology = try TopologyFile.load(text, file: "test.yaml").topology
        self.schemas = schemas
    }

    static func options(events: Int, _ change: (inout GeneratorOptions) -> Void = { _ in }) -> GeneratorOptions {
        var options = GeneratorOptions(now: now)
        options.events = events
        options.span = TimeSpan(microseconds: 3 * 3_600_000_000)
        change(&options)
        return options
    }

    func generator(events: Int, _ change: (inout GeneratorOptions) -> Void = { _ in }) throws -> Generator {
        try Generator(Fixture.options(events: events, change), topology: topology, schemas: schemas)
    }

    /// All records of a generator, and the truth about them.
    func records(
        events: Int, _ change: (inout GeneratorOptions) -> Void = { _ in }
    ) throws -> (records: [OutgoingRecord], expectation: Expectation) {
        let generator = try generator(events: events, change)
        var records: [OutgoingRecord] = []
        while let record = generator.next() { records.append(record) }
        return (records, generator.expectation)
    }
}
