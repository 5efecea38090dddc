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

    /// A process that is gone says nothing, and that is bad news.
    @Test func anAbsenceIsNoticed() throws {
        let rig = try Rig(partitions: 1)
        let worker = try rig.start("watched", more: ["--console", "127.0.0.1:0"])
        let console = try ConsoleClient(of: worker)
        let prometheus = try PrometheusServer(targets: [console.address])
        try waitUntil("it is ready") { try console.get("/readyz")?.status == 200 }
        try waitUntil("it is scraped") { try prometheus.number(#"up{job="weir"}"#) == 1 }
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
}
