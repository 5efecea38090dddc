// The console as a browser shows it: under load, with hostile names, empty, before its servers are there, and while
// PostgreSQL does not answer.

import Foundation
import Testing
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
        #expect(outage.contains("does not answer every question"))
        // Health and metrics do not wait for it.
        #expect(try console.get("/livez")?.status == 200)
        #expect(try console.get("/metrics")?.status == 200)
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
