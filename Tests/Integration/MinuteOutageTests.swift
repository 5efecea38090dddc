// A minute in which nothing is committed, under a load of a known rate: what the project's own rules, the ages and the
// budget say of it, against arithmetic.

import Foundation
import TestSupport
import Testing
import WeirBench
import WeirCore
import WeirObserve
import WeirPostgres

struct MinuteOutageTests {
    /// Records a second, evenly spaced.
    private static let rate = 200.0
    private static let outage = 60.0
    /// The objective's line, in seconds, and the share that may miss it.
    private static let line = 2.0
    private static let allowance = 0.01

    /// What was seen at one moment of the outage. Times are seconds since 1970.
    private struct Look {
        let time: Double
        /// `topic/partition` → age of its oldest record.
        let ages: [String: Double]
        /// What the console says of the whole topology; nil for null.
        let told: Double?
        let isPaging: Bool
    }

    private struct Status: Decodable {
        struct Topology: Decodable {
            let oldest: Double?
            enum CodingKeys: String, CodingKey { case oldest = "oldest_seconds" }
        }
        let topologies: [Topology]
    }

    /// Commits hang for 60 s: in the middle of it the worker joins its group anew and for seconds holds nothing.
    ///
    /// Which alerts can fire: `WeirRecordsWait` as it happens, at an age of 30 s. Burn rates only afterwards, as records
    /// count when they are committed. Over an hour of even load a minute burns 58/3600/0.01 = 1.6, below 14.4: it does
    /// not page by itself. Here Prometheus knows a process that is two minutes old, of whose records most were late, in
    /// every window: all burn rules hold, by the files as they are.
    @Test func aMinuteCostsWhatArithmeticSays() throws {
        let rig = try Rig(partitions: 2)
        let worker = try rig.start("watched", more: ["--console", "127.0.0.1:0"])
        let console = try ConsoleClient(of: worker)
        let prometheus = try PrometheusServer(targets: [console.address])
        try waitUntil("it is ready") { try console.get("/readyz")?.status == 200 }
        let blocker = try rig.database.connect()
        var (before, locked, released, recovered) = (0.0, 0.0, 0.0, 0.0)
        var looks: [Look] = []
        var asked = ContinuousClock.now
        let options = rig.options(events: 18_000) { $0.rate = Self.rate }
        let expectation = try rig.produceRegardless(options) { sent in
            guard .now - asked > .milliseconds(500), recovered == 0 else { return }
            asked = .now
            if before == 0 {
                guard sent > 600 else { return }
                before = Self.now()
                try blocker.query("BEGIN")
                try blocker.query("LOCK TABLE weir.partition IN ACCESS EXCLUSIVE MODE")
                locked = Self.now()
            } else if released == 0 {
                if Self.now() - locked > Self.outage {
                    try blocker.query("ROLLBACK")
                    released = Self.now()
                } else {
                    looks.append(try Self.look(console, prometheus))
                }
            } else if try Double(sent - rig.processed()) < Self.rate {
                recovered = Self.now()
            }
        }
        let loadEnded = Self.now()
        try #require(recovered > 0, "the backlog was not worked off while the load went on")
        #expect(recovered - released < 15, "\(recovered - released) s until the backlog is less than a second's")
        #expect(loadEnded - recovered > 5, "too little load afterwards to be sure of")

        expectRisingAges(looks, partitions: 2 * rig.topology.sources.count, locked: locked)
        expectPage(looks)
        try rig.waitUntilProcessed()
        try waitUntil("the page ends") { try !prometheus.firing().contains("WeirRecordsWait") }
        try waitUntil("it is ready again") { try console.get("/readyz")?.status == 200 }
        let after = try Self.look(console, prometheus)
        #expect(after.ages.count == 2 * rig.topology.sources.count)
        #expect(after.ages.values.allSatisfy { $0 < Self.line } && after.told ?? .infinity < Self.line)

        // The load was what it is taken for.
        let times = try rig.topology.sources.flatMap { try TopicContents.read($0.topic, brokers: rig.brokers) }.map {
            Double($0.timestamp) / 1000
        }
        let total = Double(times.count)
        #expect(total == Double(rig.produced))
        let during = Double(times.count { $0 > locked && $0 < released })
        #expect(abs(during - Self.rate * (released - locked)) < Self.rate, "\(during) in \(released - locked) s")

        try waitUntil("Prometheus has all counts", seconds: 90) {
            try prometheus.number("sum(weir_objective_records_total)") == total
        }
        let late = try #require(
            try prometheus.number("sum(weir_objective_records_total - weir_objective_good_records_total)"))
        // Late is what was sent from the outage's begin until two seconds before its end. Half a second for a sender
        // that lags behind its schedule; a second for what was read and not committed at the begin, and how long it
        // took to lock; and at the end what was sent while the backlog was worked off.
        let wanted = Self.rate * (released - locked - Self.line)
        let (less, more) = (0.5 * Self.rate, (1 + (locked - before) + (recovered - released)) * Self.rate)
        #expect(late >= wanted - less && late <= wanted + more, "\(late) late, not \(wanted) -\(less) +\(more)")
        // And counted one by one, by the timestamps in the log.
        let surely = Double(times.count { $0 > locked && $0 < released - Self.line })
        let perhaps = Double(times.count { $0 >= before - 1 && $0 <= recovered - Self.line + 1 })
        #expect(late >= surely && late <= perhaps, "\(late) late, between \(surely) and \(perhaps)")
        try expectBudget(prometheus, total: total, late: late, wanted: wanted, less: less, more: more)

        // Five minutes later, by what Prometheus knows now, the short window holds good records only.
        let rules = try Self.expression("weir:objective_error_ratio:rate5m")
        #expect(try (prometheus.number(rules) ?? 0) / Self.allowance > 14.4)
        let afterwards = try prometheus.number(rules, at: recovered + 302)
        #expect(try #require(afterwards) / Self.allowance < 14.4)

        // All of it, and nothing twice.
        try rig.expectExact(expectation)
    }

    private func expectRisingAges(_ looks: [Look], partitions: Int, locked: Double) {
        #expect(looks.count > 40)
        #expect(looks.allSatisfy { $0.told != nil }, "null in an outage: \(looks.map { $0.told ?? -1 })")
        let settled = looks.filter { $0.time > locked + 5 }
        for (one, next) in zip(settled, settled.dropFirst()) {
            let passed = next.time - one.time
            #expect(next.ages.count == partitions, "\(next.time - locked) s: only \(next.ages.keys.sorted())")
            for (place, age) in one.ages {
                // Made of moments, the age rises as time does, however seldom the worker tells.
                let rise = (next.ages[place] ?? -1) - age
                #expect(rise >= 0, "\(next.time - locked) s: \(place) became younger, \(age) s and \(rise) s")
                #expect(
                    age == 0 || abs(rise - passed) < 1,
                    "\(next.time - locked) s: \(place) rose by \(rise) s in \(passed) s")
            }
        }
        #expect(settled.last?.ages.values.allSatisfy { $0 > Self.outage / 2 } == true, "\(settled.last?.ages ?? [:])")
        #expect((settled.last?.told ?? 0) > Self.outage - 2)
    }

    /// `age > 30 s`, evaluated each second on what was scraped each second, and no `for:`.
    private func expectPage(_ looks: [Look]) {
        for look in looks where look.isPaging { #expect(look.told ?? 0 > 30) }
        for look in looks where look.told ?? 0 > 35 {
            #expect(look.isPaging, "no page at an age of \(look.told ?? 0) s")
        }
        #expect(looks.contains { $0.isPaging }, "WeirRecordsWait did not fire")
    }

    private func expectBudget(
        _ prometheus: PrometheusServer, total: Double, late: Double, wanted: Double, less: Double, more: Double
    ) throws {
        // Told as 0 at first, so that Prometheus's own rate has every one of them.
        let ratio = try #require(
            try prometheus.number(
                """
                1 - sum(increase(weir_objective_good_records_total[10m]))
                    / sum(increase(weir_objective_records_total[10m]))
                """))
        #expect(abs(ratio - late / total) < 0.001)
        let left = try #require(
            Objective().budgetLeft(RecordTally(good: UInt64(total - late), total: UInt64(total))))
        let arithmetic = 1 - wanted / total / Self.allowance
        #expect(left <= arithmetic + less / total / Self.allowance)
        #expect(left >= arithmetic - more / total / Self.allowance)
        // Of a month at this rate: docs/operations.md says 0.22 %.
        let month = 30 * 86_400 * Self.rate * Self.allowance
        #expect(late / month > 0.0022 && late / month < 0.003)
        try waitUntil("the burn rates page") {
            try prometheus.firing().isSuperset(of: ["WeirBudgetBurnsFast", "WeirBudgetBurns"])
        }
        // What the rule recorded last may be of before the last records came.
        try waitUntil("the recorded burn rate is what arithmetic gives") {
            let burn = try prometheus.number("weir:objective_burn:rate1h") ?? .infinity
            return abs(burn - late / total / Self.allowance) < 1
        }
        #expect(try prometheus.number("sum(weir_record_lag_seconds_count)") == total)
        #expect(try prometheus.number(#"sum(weir_record_lag_seconds_bucket{le="2.0"})"#) == total - late)
    }

    private static func look(_ console: ConsoleClient, _ prometheus: PrometheusServer) throws -> Look {
        let isPaging = try prometheus.firing().contains("WeirRecordsWait")
        let status = try #require(try console.get("/status.json"))
        let told = try JSONDecoder().decode(Status.self, from: Data(status.text.utf8)).topologies.first?.oldest
        let page = try #require(try console.get("/metrics")).text
        let time = now()
        var ages: [String: Double] = [:]
        for match in page.matches(
            of: /weir_partition_oldest_record_age_seconds\{.*topic="(.*)",partition="([0-9]+)"\} (\S+)/)
        {
            ages["\(match.1)/\(match.2)"] = Double(match.3)
        }
        return Look(time: time, ages: ages, told: told, isPaging: isPaging)
    }

    /// What a recording rule of the project's is made of.
    private static func expression(_ name: String) throws -> String {
        let rules = try Repository.text("deploy/prometheus/weir-rules.yaml")
        let rule = try #require(rules.components(separatedBy: "- record: \(name)\n        expr: |\n").last)
        return try #require(rule.components(separatedBy: "- record:").first)
    }

    private static func now() -> Double { Date().timeIntervalSince1970 }
}
