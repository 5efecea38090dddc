// What is told of a running worker: to probes, to promtool, and to a real Prometheus with the project's rules.

import Foundation
import Testing
import WeirBench
import WeirCore
import WeirObserve
import WeirPostgres

struct ObserveTests {
    @Test func probesThroughAWorkersLife() throws {
        let rig = try Rig(partitions: 2)
        let worker = try rig.start("probed", more: ["--console", ":0"])
        let console = try ConsoleClient(of: worker)
        try waitUntil("it is ready") { try console.get("/readyz")?.status == 200 }
        #expect(try console.get("/startupz")?.text == "started\n")
        #expect(try console.get("/livez")?.text == "alive\n")
        try rig.produce(rig.options(events: 500))
        try rig.waitUntilProcessed()

        // Commits hang: what was read waits.
        let blocker = try rig.database.connect()
        try blocker.query("BEGIN")
        try blocker.query("LOCK TABLE weir.partition IN ACCESS EXCLUSIVE MODE")
        let more = try Generator(rig.options(events: 50) { $0.seed = 9 }, topology: rig.topology, schemas: rig.schemas)
        try rig.sendAll(more)
        try waitUntil("the oldest record ages") {
            try (console.values("weir_partition_oldest_record_age_seconds").max() ?? 0) > 3
        }
        #expect(try console.get("/livez")?.status == 200)

        // Told to stop, it drains: alive, not ready.
        worker.terminate()
        try waitUntil("it drains") { try console.get("/readyz")?.text == "not ready\ndraining: told to stop\n" }
        #expect(try console.get("/readyz")?.status == 503)
        #expect(try console.get("/livez")?.status == 200)
        try blocker.query("ROLLBACK")
        rig.forget(worker)
        #expect(try worker.waitForEnd() == 0)
        #expect(try console.get("/livez") == nil)
    }

    @Test func aStartThatWaitsSaysForWhat() throws {
        let rig = try Rig(partitions: 1)
        rig.workersDatabase = "host=127.0.0.1 port=1 dbname=nowhere connect_timeout=1"
        let worker = try rig.start("waiting", more: ["--console", ":0"])
        let console = try ConsoleClient(of: worker)
        try waitUntil("it says what it waits for") {
            try console.get("/startupz")?.text.contains("waiting for a server") == true
        }
        #expect(try console.get("/startupz")?.status == 503)
        #expect(try console.get("/readyz")?.status == 503)
        #expect(try console.get("/livez")?.status == 200)
        worker.terminate()
        rig.forget(worker)
        try worker.waitForEnd()
    }

    /// A consumer that commits nothing for 35 seconds under load, and one that is gone: the project's own rules fire,
    /// the age rises meanwhile, the budget falls by what arithmetic gives, and all recover.
    @Test func anOutageUnderLoad() throws {
        let rig = try Rig(partitions: 2)
        let worker = try rig.start("watched", more: ["--console", "127.0.0.1:0"])
        let console = try ConsoleClient(of: worker)
        let prometheus = try PrometheusServer(targets: [console.address])
        try waitUntil("it is ready") { try console.get("/readyz")?.status == 200 }
        let blocker = try rig.database.connect()
        var (before, locked, released) = (Int64.max, Int64.max, Int64.max)
        var ages: [Double] = []
        var asked = ContinuousClock.now
        _ = try rig.produceRegardless(rig.options(events: 9_000) { $0.rate = 200 }) { sent in
            guard .now - asked > .milliseconds(500) else { return }
            asked = .now
            if sent > 600, before == .max {
                before = Self.now()
                try blocker.query("BEGIN")
                try blocker.query("LOCK TABLE weir.partition IN ACCESS EXCLUSIVE MODE")
                locked = Self.now()
            } else if released == .max, locked != .max {
                // None while the worker joins its group anew.
                if let age = try console.values("weir_partition_oldest_record_age_seconds").max() { ages.append(age) }
                if Self.now() - locked > 33_000, try prometheus.firing().contains("WeirRecordsWait") {
                    released = Self.now()
                    try blocker.query("ROLLBACK")
                }
            }
        }
        // Of 9,000 records at 200 a second there are 45 seconds: enough for the rule, or it does not fire.
        try #require(released != .max, "WeirRecordsWait did not fire: ages \(ages)")
        try rig.waitUntilProcessed()
        let done = Self.now()
        #expect(
            zip(ages, ages.dropFirst()).allSatisfy { $0 <= $1 }, "the age fell while nothing was committed: \(ages)")
        #expect(ages.last ?? 0 > 30)
        try waitUntil("the alert ends", seconds: 60) { try !prometheus.firing().contains("WeirRecordsWait") }
        try waitUntil("it is ready again") { try console.get("/readyz")?.status == 200 }

        // The budget. A record is late for sure if it was sent two seconds before the lock went away.
        let sent = try rig.topology.sources.flatMap { try TopicContents.read($0.topic, brokers: rig.brokers) }
        let surely = sent.count { $0.timestamp > locked && $0.timestamp < released - 2000 }
        let perhaps = sent.count { $0.timestamp >= before - 2000 && $0.timestamp <= done - 2000 }
        #expect(surely > 5_000)
        let total = Double(sent.count)
        try waitUntil("Prometheus has all counts", seconds: 90) {
            try prometheus.number("sum(weir_objective_records_total)") == total
        }
        let late = try #require(
            try prometheus.number("sum(weir_objective_records_total - weir_objective_good_records_total)"))
        #expect(late >= Double(surely) && late <= Double(perhaps), "\(late) late, between \(surely) and \(perhaps)")
        // Told as 0 at first, so that Prometheus's own rate has every one of them.
        let ratio = try #require(
            try prometheus.number(
                """
                1 - sum(increase(weir_objective_good_records_total[10m]))
                    / sum(increase(weir_objective_records_total[10m]))
                """))
        #expect(abs(ratio - late / total) < 0.001)
        let left = Objective().budgetLeft(RecordTally(good: UInt64(total - late), total: UInt64(total)))
        #expect(abs((left ?? 0) - (1 - late / total / 0.01)) < 1e-9)
        try waitUntil("the burn rate is told") { try (prometheus.number("weir:objective_burn:rate5m") ?? 0) > 14.4 }
        #expect(try prometheus.number("sum(weir_record_lag_seconds_count)") == total)
        #expect(try prometheus.number(#"sum(weir_record_lag_seconds_bucket{le="2.0"})"#) == total - late)

        // Gone altogether: the process says nothing, and that is bad news.
        try rig.kill(worker)
        try waitUntil("its absence is noticed", seconds: 60) { try prometheus.firing().contains("WeirGone") }
        let again = try rig.start("again", more: ["--console", console.address])
        try waitUntil("it is back", seconds: 60) { try !prometheus.firing().contains("WeirGone") }
        try waitUntil("it is ready again", seconds: 60) { try console.get("/readyz")?.status == 200 }
        #expect(try rig.stop(again) == 0)
    }

    @Test func promtoolFindsNothingInALivePage() throws {
        let rig = try Rig(partitions: 2)
        let worker = try rig.start("scraped", more: ["--console", ":0"])
        let console = try ConsoleClient(of: worker)
        try rig.produce(rig.options(events: 500))
        try rig.waitUntilProcessed()
        try waitUntil("the log's end is known") {
            try console.values("weir_partition_lag_offsets").count == 2 * rig.topology.sources.count
        }
        try waitUntil("all is read") { try console.values("weir_partition_lag_offsets").allSatisfy { $0 == 0 } }
        try waitUntil("the database is seen") { try !console.values("weir_database_size_bytes").isEmpty }
        let page = try #require(try console.get("/metrics"))
        let file = FileManager.default.temporaryDirectory.appending(path: "weir-page-\(UUID().uuidString)")
        try page.text.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let verdict = try Command.run("sh", "-c", "promtool check metrics < '\(file.path)' 2>&1")
        #expect(verdict.isEmpty, "\(verdict)")
        let open = try #require(try console.get("/metrics", accept: "application/openmetrics-text; version=1.0.0"))
        #expect(open.text.hasSuffix("# EOF\n"))
        // What is told is in the catalogue, and so in docs/metrics.md.
        let known = Set(MetricCatalogue.all.flatMap(\.seriesNames))
        for line in page.text.split(separator: "\n") where !line.hasPrefix("#") {
            let name = line.prefix { $0 != "{" && $0 != " " }
            #expect(known.contains(String(name)), "\(name)")
        }
        #expect(try console.get("/nothing")?.status == 404)
    }

    /// Milliseconds since 1970, as Kafka's timestamps.
    private static func now() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }
}
