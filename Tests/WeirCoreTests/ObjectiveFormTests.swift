// `p99 < 2s over 30d`: what is read, what is refused, and that it is written as it is read.

import Testing
import WeirCore

@Suite struct ObjectiveFormTests {
    @Test(arguments: [
        ("p99 < 2s over 30d", 990_000, 2_000_000, 30), ("p99.9 < 500ms over 7d", 999_000, 500_000, 7),
        ("p50 < 1m over 1d", 500_000, 60_000_000, 1), ("p99.9999 < 1s over 30d", 999_999, 1_000_000, 30),
        ("p99.05 < 1s over 30d", 990_500, 1_000_000, 30),
    ])
    func isRead(text: String, millionths: Int, lag: Int64, days: Int64) throws {
        let objective = try #require(Objective(parsing: text))
        #expect(objective.millionths == millionths)
        #expect(objective.lag.microseconds == lag)
        #expect(objective.over.microseconds == days * 86_400_000_000)
        #expect(objective.description == text)
    }

    @Test(arguments: [
        "", "p99", "99 < 2s over 30d", "p99 <= 2s over 30d", "p99 < 2 over 30d", "p99 < 2s over", "p99<2s over 30d",
        "p+9 < 2s over 30d", "p99. < 2s over 30d", "p99.12345 < 2s over 30d", "p99 < 2s over 30d ", "p < 2s over 30d",
    ])
    func isRefused(text: String) { #expect(Objective(parsing: text) == nil) }

    private static func file(_ objective: String) -> String {
        """
        topology: t
        version: 1
        \(objective)
        sources:
          - topic: calls
            idempotency: { field: request_id, retention: 7d }
            time: { field: called_at, earliest: 2024-01-01 }
        meters:
          - { name: calls, source: calls, aggregate: count, window: 1h }
        outputs:
          table: billing.usage
        """
    }

    @Test func inATopology() throws {
        let given = try TopologyFile.load(Self.file("objective: p99.5 < 1s over 7d"), file: "t.yaml").topology
        #expect(given.objective.description == "p99.5 < 1s over 7d")
        let usual = try TopologyFile.load(Self.file(""), file: "t.yaml").topology
        #expect(usual.objective.description == "p99 < 2s over 30d")
    }

    @Test(arguments: [
        ("p49 < 2s over 30d", "p50 to p99.9999"), ("p100 < 2s over 30d", "p50 to p99.9999"),
        ("p99 < 0s over 30d", "1ms to 1d"), ("p99 < 2s over 30m", "1h to 366d"),
        ("soon", "p99 < 2s over 30d, p99.9"),
    ])
    func mistakesSayWhatIsExpected(text: String, expected: String) {
        #expect {
            try TopologyFile.load(Self.file("objective: \(text)"), file: "t.yaml")
        } throws: {
            "\($0)".contains("t.yaml:3:12") && "\($0)".contains(expected)
        }
    }
}
