// The console as a browser shows it: under load, with hostile names, empty, before its servers are there, and while
// PostgreSQL does not answer.

import Foundation
import Testing
import WeirBench
import WeirCore
import WeirPostgres

struct ConsoleTests {
    private static let hostile = "<script>document.title='owned'</script>"

    @Test func aBrowserShowsAJob() throws {
        let rig = try Rig(partitions: 2)
        let worker = try rig.start("shown", more: ["--console", ":0", "--console-host", "weir.example.org"])
        let console = try ConsoleClient(of: worker)
        try rig.produce(rig.options(events: 500))
        let sender = try OddSender(rig, topic: rig.topic("ai.analysis.v1"))
        try sender.send("not_framed", key: Array("<img src=x onerror=alert(1)>".utf8), payload: Array("junk".utf8))
        try sender.finish()
        try rig.waitUntilProcessed()
        try rig.connection.query(
            """
            INSERT INTO billing.usage (org_id, meter, window_start, window_end, aggregate, quantity, event_count,
                revision, first_event_at, last_event_at, source_topic, source_partition, first_offset, last_offset,
                topology, topology_version)
            SELECT '\(Self.hostile.replacing("'", with: "''"))', 'ai_analyses', date_trunc('hour', now()),
                date_trunc('hour', now()) + interval '1 hour', 'count', 1234567, 1234567, 1, now(), now(), 'x', 0, 0, 0,
                '\(rig.topology.name)', 1
            """)
        try waitUntil("the console has seen it all") {
            let status = try console.get("/status.json")?.text ?? ""
            return status.contains(Self.hostile) && status.contains(#""id":1,"#) && status.contains(/"p99":[0-9]/)
        }
        let page = try Browser.page("http://\(console.address)/?still")
        // Names are text.
        #expect(page.contains("&lt;script&gt;document.title='owned'&lt;/script&gt;"))
        #expect(!page.contains(Self.hostile))
        #expect(page.contains("<title>\(rig.topology.name) – Weir</title>"))
        // What was metered, what was not, and how late.
        #expect(page.contains("1,234,567"))
        #expect(page.contains("not_framed"))
        #expect(page.contains("Look at dead letter 1"))
        #expect(page.contains(#"class="state good">running<"#))
        #expect(page.contains("6 of 6 are held by this process"))
        #expect(page.contains(/class="line p99" d="M[0-9]/))
        #expect(page.matches(of: /<rect class="node/).count == 3 + rig.topology.meters.count + 3)
        #expect(page.contains("records since the start"))
        // One record, decoded as far as it goes.
        let letter = try Browser.page("http://\(console.address)/?still&letter=1")
        #expect(letter.contains("dead letter 1: waiting"))
        #expect(letter.contains("&lt;img src=x onerror=alert(1)&gt;"))
        #expect(letter.contains("6a 75 6e 6b"))
        #expect(try console.get("/dead-letters/99")?.status == 404)

        // Others' pages cannot read it, and nothing can be changed.
        let address = "http://\(console.address)"
        func code(_ arguments: String) throws -> String {
            try Command.run("sh", "-c", "curl -s -o /dev/null -w '%{http_code}' \(arguments)")
        }
        #expect(try code("-H 'Host: evil.example' \(address)/status.json") == "421")
        #expect(try code("-H 'Host: evil.example' \(address)/dead-letters/1") == "421")
        #expect(try code("-H 'Host: weir.example.org' \(address)/status.json") == "200")
        #expect(try code("-X POST \(address)/status.json") == "405")
        let head = try Command.run("curl", "-s", "-D", "-", "-o", "/dev/null", address + "/")
        #expect(head.contains("Content-Security-Policy: default-src 'none'; script-src 'self'"))
        let events = try Command.run("sh", "-c", "curl -sN --max-time 30 \(address)/events | head -c 17")
        #expect(events == #"data: {"format":1"#)
        #expect(try rig.stop(worker) == 0)
    }

    @Test func noDataIsShownAsNoData() throws {
        let server = try OwnPostgres()
        let rig = try Rig(partitions: 1, database: TestDatabase(migratedOn: server))
        let worker = try rig.start("empty", more: ["--console", ":0"])
        let console = try ConsoleClient(of: worker)
        try waitUntil("it is ready") { try console.get("/readyz")?.status == 200 }
        try waitUntil("PostgreSQL was asked") {
            try console.get("/status.json")?.text.contains(#""organisations":[]"#) == true
        }
        let empty = try Browser.page("http://\(console.address)/?still")
        #expect(empty.contains("No record was committed since the process started"))
        #expect(empty.contains("None: every record could be metered."))
        #expect(empty.contains("No window of the last 24 hours has usage."))
        #expect(empty.contains("nothing committed just now"))
        #expect(!empty.contains("NaN"))
        #expect(!empty.contains("undefined"))

        // In the middle of a question, or of connecting anew.
        let unanswered = /no answer for 4 s|timeout expired/
        server.freeze()
        defer { server.thaw() }
        try waitUntil("the console notices") {
            try console.get("/status.json")?.text.contains(unanswered) == true
        }
        let outage = try Browser.page("http://\(console.address)/?still")
        #expect(outage.contains("PostgreSQL does not answer the console"))
        #expect(outage.contains(unanswered))
        #expect(outage.contains("what is shown is from"))
        #expect(outage.contains(#"<b class="bad">no answer</b>"#))
        // Health and metrics do not wait for it.
        #expect(try console.get("/livez")?.status == 200)
        #expect(try console.get("/metrics")?.status == 200)
    }

    /// Commits fail: the banner, the partitions, the database and `weir top` say so, and nothing is green for it.
    @Test func anOutageOfPostgresDoesNotLookWell() throws {
        let server = try OwnPostgres()
        let rig = try Rig(partitions: 1, database: TestDatabase(migratedOn: server))
        let worker = try rig.start("cut off", more: ["--console", ":0"])
        let console = try ConsoleClient(of: worker)
        func status() throws -> String { try console.get("/status.json")?.text ?? "" }
        try rig.produce(rig.options(events: 100))
        try rig.waitUntilProcessed()
        try waitUntil("all is well") {
            let status = try status()
            return status.contains(#""failing":[]"#) && status.contains(/"database":\{"bytes":[0-9]/)
                && status.contains(/"organisations":\[\{/) && status.contains(/"outbox":\{[^}]*"messages":0/)
        }
        let good = try Browser.page("http://\(console.address)/?still")
        #expect(good.contains(#"class="state good">running<"#))
        #expect(good.contains(/answered at [0-9:]{8}/))
        #expect(good.contains("all is published"))

        try server.crash()
        try rig.produce(rig.options(events: 50) { $0.seed = 2 })
        try waitUntil("failed commits are told") {
            let status = try status()
            return status.contains(/"failing":\[\{"attempts":[0-9]+,"problem":"[^"]*connection/)
                && status.contains(#""state":"failing""#)
        }
        try waitUntil("the console itself has no answer") {
            try status().contains(/"partitions_of_others":\{"problem":"[^"]/)
        }
        let bad = try Browser.page("http://\(console.address)/?still")
        #expect(bad.contains(#/since [0-9:]{8} commits of [^ ]+ fail, /#))
        #expect(bad.contains(#"class="state bad">commits fail<"#))
        #expect(bad.contains(#"<b class="bad">no answer</b>"#))
        #expect(bad.contains(/<small>[0-9.]+ MiB at [0-9:]{8}<\/small>/))
        #expect(bad.contains("nothing new is committed"))
        #expect(!bad.contains("state good"))
        #expect(!bad.contains("answered at"))
        // libpq's tabs, and its name twice.
        #expect(!bad.contains(#"\u{9}"#))
        let top = try WeirProcess("top", "--once", console.address).wait(seconds: 120)
        #expect(top.output.contains(#/commits of [^ ]+ fail, /#), "\(top)")
        #expect(top.output.contains(" commits fail "), "\(top)")
        #expect(!top.output.contains("PostgreSQL: PostgreSQL:") && !top.output.contains(#"\u{9}"#), "\(top)")

        try server.start()
        try waitUntil("all is well again") {
            let status = try status()
            return status.contains(#""failing":[]"#) && status.contains(#""state":"running""#)
                && status.contains(#""database_problem":null"#)
        }
        #expect(try rig.stop(worker) == 0)
    }

    /// Another process stands still: this one's figures are good, and they are not of its partitions.
    @Test func aFrozenProcessIsSeenFromAnother() throws {
        let rig = try Rig(partitions: 2)
        let kafka = ["session.timeout.ms=60000"]
        let frozen = try rig.start("frozen", kafka: kafka)
        let worker = try rig.start("watching", kafka: kafka, more: ["--console", ":0"])
        let console = try ConsoleClient(of: worker)
        func status() throws -> String { try console.get("/status.json")?.text ?? "" }
        // Who comes while the other is a member already waits for the mock broker's round of joining: a session, less a second.
        try waitUntil("they share", seconds: 180) {
            try rig.produce(rig.options(events: 20))
            let status = try status()
            return status.matches(of: /"here":true/).count == 3 && status.matches(of: /"here":false/).count == 3
                && status.matches(of: /"committed_seconds":[0-9]/).count == 3
        }
        let shared = try Browser.page("http://\(console.address)/?still")
        #expect(shared.contains("Rates, lag and budget are of 3 of 6 partitions, those of this process."))
        #expect(shared.contains(/state soft">elsewhere, commit [0-9]/))

        frozen.suspend()
        var seed: UInt64 = 2
        try waitUntil("what stands is told") {
            seed += 1
            try rig.produce(rig.options(events: 40) { $0.seed = seed })
            return try status().matches(of: /"stands_seconds":[0-9]/).count == 3
        }
        let page = try Browser.page("http://\(console.address)/?still")
        #expect(page.contains("3 of the others stand still."))
        #expect(page.contains(/3 of other processes' partitions stand still though records came, for up to [0-9]/))
        #expect(page.contains("/\(frozen.processID)/0"))
        #expect(page.contains(/state warn">elsewhere, stands [0-9]/))
        let top = try WeirProcess("top", "--once", console.address).wait(seconds: 120)
        #expect(top.output.contains("rates, lag and budget are of 3 of 6 partitions"), "\(top)")
        #expect(top.output.contains(#/ stands [0-9]/#), "\(top)")
        frozen.resume()
        // It joins anew, and the mock broker waits for the session of the member that it was: a minute.
        try waitUntil("it moves again", seconds: 180) { try !status().contains(/"stands_seconds":[0-9]/) }
    }

    @Test func aStartThatWaitsIsShown() throws {
        let rig = try Rig(partitions: 1)
        rig.workersDatabase = "host=127.0.0.1 port=1 dbname=nowhere connect_timeout=1"
        let worker = try rig.start("waiting", more: ["--console", ":0"])
        let console = try ConsoleClient(of: worker)
        try waitUntil("it waits") {
            try console.get("/status.json")?.text.contains("waiting for a server") == true
        }
        let page = try Browser.page("http://\(console.address)/?still")
        #expect(page.contains("Starting: waiting for a server"))
        #expect(page.contains("No topology runs yet"))
        worker.terminate()
        rig.forget(worker)
        try worker.waitForEnd()
    }
}
