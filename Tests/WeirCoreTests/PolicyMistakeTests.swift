// Mistakes in retry, breaker and quotas, with the line they are reported by; and what good ones say.

import Testing
import WeirCore

@Suite struct PolicyMistakeTests {
    /// What is added begins on line 9.
    private static let base = """
        topology: t
        version: 1
        sources:
          - {topic: a, idempotency: {field: k, retention: 1d}, time: {field: t, earliest: 2020-01-01}}
        meters:
          - {name: m, source: a, aggregate: count, window: 1h}
        outputs:
          table: billing.usage

        """

    private static func load(_ text: String) throws -> Topology {
        try TopologyFile.load(base + text, file: "t.yaml").topology
    }

    private static func mistakes(_ text: String) -> [String] {
        do {
            _ = try TopologyFile.load(base + text, file: "t.yaml")
            return []
        } catch {
            return error.mistakes.map(\.description)
        }
    }

    private static let duration = "(expected a number with a unit: 250ms, 5s, 10m, 2h, 35d)"

    @Test(arguments: [
        (
            "quotas: {events_per_second: 5, organisations: [{organisation: o}, {organisation: p}, {organisation: o}]}",
            "9:101: organisation 'o' has two quotas (first on line 9)"
        ),
        ("quotas: {evnts_per_second: 5}", "9:10: unknown field 'evnts_per_second' in quotas"),
        ("quotas: {events_per_second: 0}", "9:29: events_per_second is out of range: 0 (expected 1 to 1000000000)"),
        ("quotas: {events_per_second: -5}", "9:29: events_per_second is out of range: -5"),
        ("quotas: {events_per_second: 1.5}", "9:29: events_per_second is not a whole number: '1.5'"),
        ("quotas: {events_per_second: 1000000001}", "9:29: events_per_second is out of range: 1000000001"),
        ("quotas: {events_per_second: 9999999999999999999999}", "9:29: events_per_second"),
        ("quotas: {bytes_per_second: 0MiB}", "9:28: bytes_per_second"),
        ("quotas: {bytes_per_second: 17GiB}", "9:28: bytes_per_second"),
        ("quotas: {bytes_per_second: fast}", "9:28: bytes_per_second is not a size: 'fast'"),
        ("quotas: {burst: 0s}", "9:17: burst is out of range: 0s"),
        ("quotas: {burst: 2h}", "9:17: burst is out of range: 2h"),
        ("quotas: {over: drop}", "9:16: over is unknown: 'drop' (expected one of delay, divert)"),
        ("quotas: {over: dealy}", "9:16: over is unknown: 'dealy'; did you mean 'delay'?"),
        (
            "quotas: {organisations: [{events_per_second: 5}]}",
            "9:26: missing field 'organisation' in organisation's quota"
        ),
        ("quotas: {organisations: [{organisation: \"\"}]}", "9:41: organisation is"),
        ("quotas: 5", "9:9: quotas is a single value"),
        ("breaker: {dead_letter_percent: 101}", "9:32: dead_letter_percent is out of range: 101"),
        ("breaker: {over: 0}", "9:17: over is out of range: 0"),
        ("retry: {sink: {deadline: 1s}}", "9:16: unknown field 'deadline' in sink"),
        ("retry: {sink: {first: 0s}}", "9:23: first is out of range: 0s"),
        ("retry: {schema: {deadline: 2d}}", "9:28: deadline is out of range: 2d"),
        ("retry: {schema: {deadline: 5}}", "9:28: deadline is not a duration: '5' \(duration)"),
        (
            "retry: {schema: {first: 10s, longest: 5s}}",
            "9:25: the first wait is longer than the longest: 10s (expected 5s at the most)"
        ),
        // Against a default.
        (
            "retry: {sink: {first: 10s}}",
            "9:23: the first wait is longer than the longest: 10s (expected 5s at the most)"
        ),
        (
            "retry: {sink: {longest: 10ms}}",
            "9:15: the first wait is longer than the longest: 50ms (expected 10ms at the most)"
        ),
    ])
    func reports(text: String, expected: String) {
        let found = Self.mistakes(text)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("t.yaml:\(expected)") == true, "\(found)")
    }

    @Test func theDefaultsAreThoseOfTheModel() throws {
        let topology = try Self.load("")
        #expect(topology.retries == Retries())
        #expect(topology.breaker == BreakerPolicy())
        #expect(topology.quotas == nil)
        #expect(try Self.load("retry: {}\nbreaker: {}\n").retries == Retries())
        #expect(
            try Self.load("quotas: {}").quotas
                == Quotas(
                    usual: Quota(eventsPerSecond: nil, bytesPerSecond: nil), burst: .seconds(10), over: .delay))
    }

    @Test func readsAllOfIt() throws {
        let topology = try Self.load(
            """
            retry:
              sink: {first: 1ms, longest: 1ms}
              schema: {first: 2s, longest: 1m, deadline: 0s}
            breaker: {dead_letter_percent: 0, over: 7}
            quotas:
              events_per_second: 100
              bytes_per_second: 1MiB
              burst: 1m
              over: divert
              organisations:
                - {organisation: big, events_per_second: 10000}
                - {organisation: free}
            """)
        #expect(
            topology.retries
                == Retries(
                    sink: RetryPolicy(first: .milliseconds(1), longest: .milliseconds(1)),
                    schema: RetryPolicy(first: .seconds(2), longest: .seconds(60)), schemaDeadline: .zero))
        #expect(topology.breaker == BreakerPolicy(deadLetterPercent: 0, over: 7))
        #expect(
            topology.quotas
                == Quotas(
                    usual: Quota(eventsPerSecond: 100, bytesPerSecond: 1 << 20),
                    organisations: [
                        "big": Quota(eventsPerSecond: 10_000, bytesPerSecond: nil),
                        "free": Quota(eventsPerSecond: nil, bytesPerSecond: nil),
                    ], burst: .seconds(60), over: .divert))
    }
}
