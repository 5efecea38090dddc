// Rounds become reports: what failed is not as before, what is gone is forgotten, the worst is first.

import Testing
import WeirKafka
import WeirLag

struct WatchTests {
    private let partition = TopicPartition(topic: "t", partition: 0)

    private func round(_ seconds: Int64, _ groups: [String: (committed: Int64, end: Int64)]) -> LagRound {
        var round = LagRound(time: seconds * 1_000_000)
        for (name, offsets) in groups {
            var group = LagRound.Group(members: 1)
            group.observations[partition] = Observation(
                askedAt: seconds * 1_000_000, answeredAt: seconds * 1_000_000, committed: offsets.committed, start: 0,
                end: offsets.end,
                next: offsets.committed < offsets.end ? .record(offset: offsets.committed, timestamp: 0) : .nothing,
                isAssigned: true)
            round.groups[name] = group
        }
        return round
    }

    private let rules = LagRules(tolerance: 15_000_000)

    @Test func theWorstGroupIsFirstAndAGroupIsAsItsWorstPartition() {
        var watch = LagWatch(rules: rules)
        _ = watch.take(round(0, ["fine": (5, 5), "stuck": (1, 5)]))
        let report = watch.take(round(20, ["fine": (6, 6), "stuck": (1, 5)]))
        #expect(report.groups.map(\.name) == ["stuck", "fine"])
        #expect(report.groups.map(\.verdict.state) == [.stall, .ok])
        #expect(report.groups.first?.age == 20_000_000)
        #expect(report.groups.first?.lag == 4)
        #expect(!report.isAllGood)
        #expect(watch.take(round(25, ["fine": (6, 6), "stuck": (5, 5)])).isAllGood)
    }

    /// Burrow and others keep what they knew: a group whose coordinator is away is unknown, with no values.
    @Test func aGroupThatFailedHasNoValues() {
        var watch = LagWatch(rules: rules)
        _ = watch.take(round(0, ["g": (5, 5)]))
        var failed = LagRound(time: 5_000_000)
        failed.groups["g"] = LagRound.Group()
        failed.groups["g"]?.failure = "the coordinator did not answer"
        let report = watch.take(failed)
        #expect(report.groups.first?.verdict.state == .unknown)
        #expect(report.groups.first?.partitions.map(\.verdict.state) == [.unknown])
        #expect(report.groups.first?.lag == nil)
        #expect(report.groups.first?.age == nil)
    }

    /// A broker did not list its groups: those that were known are unknown, not gone.
    @Test func aGroupThatIsMissingFromARoundThatFailedIsUnknown() {
        var watch = LagWatch(rules: rules)
        _ = watch.take(round(0, ["a": (5, 5), "b": (5, 5)]))
        var part = round(5, ["a": (5, 5)])
        part.failure = "a broker did not list its groups"
        let report = watch.take(part)
        #expect(report.groups.map(\.name) == ["b", "a"])
        #expect(report.groups.first?.verdict.state == .unknown)
        #expect(!report.isAllGood)
        #expect(watch.take(round(10, ["a": (5, 5)])).groups.map(\.name) == ["a"])
    }

    @Test func aGroupWithNothingIsNoData() {
        var watch = LagWatch(rules: rules)
        var round = LagRound(time: 0)
        round.groups["empty"] = LagRound.Group(members: 0)
        let report = watch.take(round)
        #expect(report.groups.first?.verdict.state == .noData)
        #expect(!report.isAllGood)
        // And a cluster without groups is nothing to be content with.
        #expect(!watch.take(LagRound(time: 1)).isAllGood)
    }
}
