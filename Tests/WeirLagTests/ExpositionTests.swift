// What a scrape says: names of the catalogue alone, nothing stale, nothing unknown as 0; and what promtool says of it.

import Foundation
import TestSupport
import Testing
import WeirKafka
import WeirLag
import WeirObserve

struct ExpositionTests {
    private static let second: Int64 = 1_000_000
    private let partition = TopicPartition(topic: "orders \"v1\"\\", partition: 3)

    private func observation(_ committed: Int64?, _ end: Int64, _ next: Observation.Next) -> Observation {
        Observation(
            askedAt: 0, answeredAt: 0, committed: committed, start: 0, end: end, next: next, isAssigned: true)
    }

    /// Three groups: one behind by 5 records and 90 s, one that failed, one that has committed nothing.
    private func exposition() -> LagExposition {
        var round = LagRound(time: 1_000_090 * Self.second)
        var behind = LagRound.Group(members: 2)
        behind.observations[partition] = observation(10, 15, .record(offset: 10, timestamp: 1_000_000_000))
        behind.observations[TopicPartition(topic: "orders", partition: 0)] = observation(7, 8, .unread)
        var failed = LagRound.Group()
        failed.failure = "the coordinator did not answer"
        var silent = LagRound.Group(members: 1)
        silent.observations[partition] = observation(nil, 15, .unread)
        round.groups = ["behind": behind, "failed": failed, "silent": silent]
        var watch = LagWatch(rules: LagRules(tolerance: 15 * Self.second))
        var exposition = LagExposition()
        exposition.report = watch.take(round)
        exposition.roundEnded = 100 * Self.second
        exposition.roundTook = Self.second / 2
        exposition.isAnswering = true
        return exposition
    }

    private func lines(_ text: String, _ metric: MetricFamily) -> [String] {
        text.split(separator: "\n").map { String($0) }.filter {
            $0.hasPrefix(metric.name + "{") || $0.hasPrefix(metric.name + " ")
        }
    }

    @Test func valuesAreThoseOfTheRoundAndWhatIsUnknownIsLeftOut() {
        let text = exposition().text(.prometheus, now: 103 * Self.second, staleAfter: 25 * Self.second)
        let labels = #"topic="orders \"v1\"\\",partition="3""#
        #expect(
            lines(text, MetricCatalogue.groupLag) == [
                "weir_group_lag_records{group=\"behind\",\(labels)} 5",
                #"weir_group_lag_records{group="behind",topic="orders",partition="0"} 1"#,
            ])
        #expect(lines(text, MetricCatalogue.groupLagTime) == ["weir_group_lag_seconds{group=\"behind\",\(labels)} 90"])
        #expect(
            lines(text, MetricCatalogue.groupState).sorted() == [
                #"weir_group_state{group="behind"} 1"#, #"weir_group_state{group="failed"} 1"#,
                #"weir_group_state{group="silent"} 2"#,
            ])
        #expect(
            lines(text, MetricCatalogue.groupMembers).sorted() == [
                #"weir_group_members{group="behind"} 2"#, #"weir_group_members{group="silent"} 1"#,
            ])
        #expect(lines(text, MetricCatalogue.lagUp) == ["weir_lag_up 1"])
        #expect(lines(text, MetricCatalogue.lagRoundAge) == ["weir_lag_round_age_seconds 3"])
        #expect(lines(text, MetricCatalogue.lagRoundDuration) == ["weir_lag_round_duration_seconds 0.5"])
        #expect(text.contains(#"weir_group_partitions{group="silent",state="no_data"} 1"#))
        #expect(!text.contains("NaN"))
    }

    /// The cluster is away: after a while only that is told, and not what was true when it was there.
    @Test func staleValuesAreNotServedAsFresh() {
        var exposition = exposition()
        exposition.isAnswering = false
        let young = exposition.text(.prometheus, now: 110 * Self.second, staleAfter: 25 * Self.second)
        #expect(lines(young, MetricCatalogue.lagUp) == ["weir_lag_up 0"])
        #expect(lines(young, MetricCatalogue.groupLag).count == 2)
        let old = exposition.text(.prometheus, now: 126 * Self.second, staleAfter: 25 * Self.second)
        #expect(lines(old, MetricCatalogue.lagUp) == ["weir_lag_up 0"])
        #expect(lines(old, MetricCatalogue.lagRoundAge) == ["weir_lag_round_age_seconds 26"])
        #expect(!old.contains("weir_group"))
        // Also if nobody noticed that rounds have ceased.
        exposition.isAnswering = true
        #expect(
            exposition.text(.prometheus, now: 126 * Self.second, staleAfter: 25 * Self.second).contains("weir_lag_up 0")
        )
        #expect(
            LagExposition().text(.prometheus, now: 5, staleAfter: 1).contains(
                "weir_lag_up 0"))
    }

    @Test func everyNameIsOfTheCatalogueAndEveryNameIsTold() {
        let text = exposition().text(.openMetrics, now: 103 * Self.second, staleAfter: 25 * Self.second)
        let told = Set(
            text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
                String($0.prefix { $0 != "{" && $0 != " " })
            })
        #expect(told == Set(MetricCatalogue.groups.map(\.name)))
        for metric in MetricCatalogue.groups {
            #expect(text.contains("# HELP \(metric.name) \(metric.help)\n"))
            // What the states' numbers mean is written by hand there.
            let states = LagState.allCases.map { "\($0.rawValue) \($0.name)" }.joined(separator: ", ")
            if metric.name.hasSuffix("_state") { #expect(metric.help.hasSuffix(": \(states).")) }
        }
        #expect(text.hasSuffix("# EOF\n"))
    }

    /// However many partitions there are, a scrape has a bound; the worst are in it, and how many are not is told.
    @Test func aScrapeIsBoundedAndTellsTheWorst() {
        var round = LagRound(time: 0)
        var group = LagRound.Group()
        for number in 0..<Int32(LagExposition.mostPartitions + 5) {
            let committed: Int64? = number == LagExposition.mostPartitions + 4 ? nil : 9
            group.observations[TopicPartition(topic: "t", partition: number)] = observation(committed, 9, .nothing)
        }
        round.groups["g"] = group
        var watch = LagWatch(rules: LagRules(tolerance: 1))
        var exposition = LagExposition()
        exposition.report = watch.take(round)
        let text = exposition.text(.prometheus, now: 0, staleAfter: 1)
        #expect(lines(text, MetricCatalogue.groupPartitionState).count == LagExposition.mostPartitions)
        #expect(lines(text, MetricCatalogue.lagOmitted) == ["weir_lag_omitted_partitions 5"])
        let worst = "{group=\"g\",topic=\"t\",partition=\"\(LagExposition.mostPartitions + 4)\"} 2"
        #expect(text.contains("weir_group_partition_state" + worst))
    }

    private static let promtool = "/usr/bin/promtool"

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: promtool), "needs promtool (Debian: prometheus)"))
    func promtoolFindsNothingToSay() throws {
        let text = exposition().text(.prometheus, now: 103 * Self.second, staleAfter: 25 * Self.second)
        let verdict = try Promtool.run("check", "metrics", input: text)
        #expect(verdict.isGood && verdict.words.isEmpty, "\(verdict.words)")
    }
}

extension LagExposition {
    fileprivate func text(_ format: MetricPage.Format, now: Int64, staleAfter: Int64) -> String {
        String(decoding: encoded(format, now: now, staleAfter: staleAfter), as: UTF8.self)
    }
}
