// Replaying a recorded course of events.

import Foundation
import Testing
import WeirBench
import WeirCore

@Suite struct TraceTests {
    private static let csv = """
        TIMESTAMP,ContextTokens,GeneratedTokens
        2023-11-16 18:15:46.6805900,374,44
        2023-11-16 18:59:59.9999999,396,109
        2023-11-16 19:00:00,879,55
        """

    private func load(_ text: String, columns: String = "input_tokens=ContextTokens,output_tokens=GeneratedTokens")
        throws -> Trace
    {
        let path = FileManager.default.temporaryDirectory.appending(path: "weir-\(UUID().uuidString).csv")
        defer { try? FileManager.default.removeItem(at: path) }
        try text.write(to: path, atomically: true, encoding: .utf8)
        return try TraceFile.load(
            path: path.path(percentEncoded: false), topic: "ai.analysis.v1", columns: TraceColumns.parse(columns))
    }

    @Test func rowsAreRead() throws {
        let trace = try load(Self.csv)
        #expect(trace.rows.map(\.numbers) == [[374, 44], [396, 109], [879, 55]])
        #expect(trace.rows[0].time == Timestamp(parsing: "2023-11-16T18:15:46.680590Z")?.microseconds)
        #expect(trace.rows[2].time == Timestamp(parsing: "2023-11-16T19:00:00Z")?.microseconds)
    }

    @Test func totalsAreThoseOfTheFile() throws {
        let fixture = try Fixture.billing()
        let trace = try load(Self.csv)
        let (records, expectation) = try fixture.records(events: 100) {
            $0.trace = trace
            $0.span = nil
            $0.repeats = 0.5
            $0.poison = 0.1
            $0.poisonKinds = [.negative]
            $0.organisations = 1
        }
        #expect(expectation.counts.unique == 3)
        #expect(records.allSatisfy { $0.topic == "ai.analysis.v1" })
        let tokens = expectation.usage.filter { $0.meter == "ai_input_tokens" }
        #expect(tokens.map(\.quantity) == ["770", "879"])
        let pipeline = try Pipeline(records, fixture)
        #expect(ExpectationCheck(expected: expectation, actual: pipeline.usage).isExact)
        #expect(pipeline.counts == expectation.counts)
    }

    @Test func wrongFilesAreRefused() {
        #expect(throws: WeirError.self) { try load("") }
        #expect(throws: WeirError.self) { try load(Self.csv, columns: "input_tokens=Tokens") }
        #expect(throws: WeirError.self) { try load(Self.csv, columns: "input_tokens") }
        #expect(throws: WeirError.self) { try load(Self.csv + "\n2023-11-16 19:00:00,-1,2") }
        #expect(throws: WeirError.self) { try load(Self.csv + "\nyesterday,1,2") }
    }

    @Test func timesOfATraceStay() throws {
        let trace = try load(Self.csv)
        #expect(throws: WeirError.self) { try Fixture.billing().generator(events: 3) { $0.trace = trace } }
    }
}
