// Hand-made events against numbers worked out by hand.

import Testing
import WeirBench
import WeirCore

@Suite struct ExpectationBuilderTests {
    private static let day: Int64 = 86_400_000_000
    private static let hour: Int64 = 3_600_000_000
    /// 2024-02-29T00:00:00Z.
    private static let leapDay: Int64 = 1_709_164_800_000_000
    private static let february: Int64 = 1_706_745_600_000_000
    private static let march: Int64 = 1_709_251_200_000_000

    private func topology(_ meters: [Meter]) -> Topology {
        let source = Source(
            topic: "t", schema: "t", key: FieldPath("org"), organisation: FieldPath("org"),
            idempotency: Idempotency(field: FieldPath("id"), retention: TimeSpan(microseconds: 1), ignoring: []),
            time: EventTime(
                field: FieldPath("at"), earliest: Timestamp(microseconds: .min), ahead: TimeSpan(microseconds: 0),
                grace: TimeSpan(microseconds: 0)))
        return Topology(
            name: "test", version: 1, group: "g", sources: [source], meters: meters,
            outputs: Outputs(table: "a.b", topic: nil, schema: "s"), limits: Limits())
    }

    private func meter(_ aggregate: Aggregate, _ window: String, groupBy: [String] = []) throws -> Meter {
        Meter(
            name: aggregate.rawValue, source: "t", aggregate: aggregate,
            field: aggregate == .count ? nil : FieldPath("v"), groupBy: groupBy.map { FieldPath($0) },
            window: try #require(WindowSize(parsing: window)))
    }

    private func usage(
        _ meter: Meter, _ events: [(org: String, time: Int64, values: [EventValue])], scale: Int = 0
    ) -> [Expectation.Usage] {
        var builder = ExpectationBuilder(topology: topology([meter]), scales: [meter.name: scale])
        for event in events {
            builder.add(topic: "t", organisation: event.org, time: event.time, values: event.values)
        }
        return builder.expectation.usage
    }

    private func one(
        _ aggregate: Aggregate, _ values: [(Int64, EventValue)], scale: Int = 0
    ) throws -> Expectation.Usage {
        let usage = usage(
            try meter(aggregate, "1h"), values.map { ("a", Self.leapDay + $0.0, aggregate == .count ? [] : [$0.1]) },
            scale: scale)
        #expect(usage.count == 1)
        return try #require(usage.first)
    }

    @Test func aggregates() throws {
        let values: [(Int64, EventValue)] = [(5, .number(7)), (9, .number(3)), (1, .number(40)), (9, .number(4))]
        #expect(try one(.count, values).quantity == "4")
        #expect(try one(.sum, values).quantity == "54")
        #expect(try one(.min, values).quantity == "3")
        #expect(try one(.max, values).quantity == "40")
        // The latest time is 9, and of the two the one that came later.
        #expect(try one(.last, values).quantity == "4")
        #expect(try one(.unique, values + [(2, .number(7))]).quantity == "4")
        #expect(try one(.unique, values + [(2, .number(7))]).eventCount == 5)
        #expect(try one(.min, [(0, .number(9))]).quantity == "9")
        #expect(try one(.max, [(0, .number(0))]).quantity == "0")
    }

    @Test func decimalsKeepTheirScale() throws {
        let values: [(Int64, EventValue)] = [(0, .number(1234)), (1, .number(1))]
        #expect(try one(.sum, values, scale: 2).quantity == "12.35")
        #expect(try one(.min, values, scale: 6).quantity == "0.000001")
        #expect(try one(.unique, values, scale: 2).quantity == "2")
        let largest = EventValue.number(Int128(Int64.max))
        #expect(try one(.sum, [(0, largest), (1, largest)]).quantity == "18446744073709551614")
    }

    @Test func fixedWindows() throws {
        let times = [Self.leapDay, Self.leapDay + Self.hour - 1, Self.leapDay + Self.hour, Self.leapDay - 1]
        let usage = usage(try meter(.count, "1h"), times.map { ("a", $0, []) })
        #expect(usage.map(\.windowStart) == [Self.leapDay - Self.hour, Self.leapDay, Self.leapDay + Self.hour])
        #expect(usage.map(\.windowEnd) == [Self.leapDay, Self.leapDay + Self.hour, Self.leapDay + 2 * Self.hour])
        #expect(usage.map(\.quantity) == ["1", "2", "1"])
    }

    @Test func windowsBefore1970() throws {
        let usage = usage(try meter(.count, "1d"), [("a", -1, []), ("a", -Self.day, []), ("a", 0, [])])
        #expect(usage.map(\.windowStart) == [-Self.day, 0])
        #expect(usage.map(\.quantity) == ["2", "1"])
    }

    @Test func months() throws {
        let times = [
            Self.february, Self.leapDay + Self.day - 1, Self.march, Self.march + 31 * Self.day - 1,
            Self.march + 31 * Self.day, Self.february - 1,
        ]
        let usage = usage(try meter(.count, "1mo"), times.map { ("a", $0, []) })
        #expect(
            usage.map(\.windowStart)
                == [Self.february - 31 * Self.day, Self.february, Self.march, Self.march + 31 * Self.day])
        #expect(
            usage.map(\.windowEnd)
                == [Self.february, Self.march, Self.march + 31 * Self.day, Self.march + 61 * Self.day])
        #expect(usage.map(\.quantity) == ["1", "2", "2", "1"])
    }

    @Test func dimensionsAndOrganisationsSplit() throws {
        let sum = try meter(.sum, "1h", groupBy: ["labels.zone", "n"])
        // In the order of ExpectationBuilder.fields: the groups, then the measure.
        #expect(
            ExpectationBuilder.fields(of: "t", in: topology([sum])).map(\.description) == ["labels.zone", "n", "v"])
        let usage = usage(
            sum,
            [
                ("a", 0, [.text("eu"), .number(1), .number(10)]), ("a", 1, [.text("eu"), .number(1), .number(5)]),
                ("a", 2, [.null, .number(1), .number(7)]), ("b", 3, [.text("eu"), .number(1), .number(1)]),
            ])
        #expect(usage.map(\.organisation) == ["a", "a", "b"])
        #expect(usage.map(\.quantity) == ["7", "15", "1"])
        #expect(
            usage.map(\.dimensions)
                == [["labels.zone": "", "n": "1"], ["labels.zone": "eu", "n": "1"], ["labels.zone": "eu", "n": "1"]])
    }

    @Test func countsAddUp() throws {
        var builder = ExpectationBuilder(topology: topology([try meter(.count, "1h")]))
        builder.add(topic: "t", organisation: "a", time: 0, values: [])
        builder.addRepeat(topic: "t")
        builder.addRepeat(topic: "t")
        builder.addConflict(topic: "t")
        builder.addDeadLetter(topic: "t", reason: .nullKey)
        builder.addDeadLetter(topic: "t", reason: .nullKey)
        let expectation = builder.expectation
        #expect(expectation.counts.produced == 6)
        #expect(expectation.counts == expectation.topics["t"])
        #expect(expectation.deadLetters == ["t": ["null_key": 2]])
        #expect(expectation.usage.first?.quantity == "1")
    }
}
