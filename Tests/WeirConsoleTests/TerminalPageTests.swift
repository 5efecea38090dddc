// What `weir top` shows of a document: exactly, at any size, and with nothing known.

import Foundation
import Testing
import WeirConsole

struct TerminalPageTests {
    @Test func everythingIsShownWhereThereIsRoom() throws {
        #expect(
            try screen(StatusFixture.busy) == #"""
                Weir 0.1.0 on build-7, process 4711, running, at 12:00:05  http://127.0.0.1:8080/
                billing burns its budget over 14.4 times too fast, over 1h and 5m: page.
                billing: PostgreSQL: it took longer than 2 s; what is shown is from 11:59:30.
                billing: rates, lag and budget are of 3 of 4 partitions, those of this process.

                TOPOLOGY  RECORDS     P50    P99  OLDEST  OBJECTIVE          BUDGET LEFT      DEAD LETTERS  OUTBOX
                billing   12.3K/s  140 ms  2.5 s  412 ms  p99 < 2s over 30d  83.3 % of 4 min            92       7

                Partitions of billing: 3 of 4 held here
                TOPIC  #  STATE      BEHIND  OLDEST  COMMITTED  PARKED   KEYS  EPOCH  OWNER
                calls  0  running         0     0 s  1,234,567       0  1,000      3  build-7/4711/1
                calls  1  paused        400    75 s        900       3     20      3  build-7/4711/1
                calls  2  running        12  412 ms        500       0     30      3  build-7/4711/1
                calls  3  elsewhere       –       –          –       –      –      9  other

                Dead letters of billing
                REASON        SINCE THE START   OPEN  IN QUARANTINE
                not_framed                 90  1,200              3
                key_mismatch                2      0              0

                Busiest organisations of billing, last 24 hours
                ORGANISATION  EVENTS  CALLS                     BYTES_OUT
                日本           9,000  9,000  12,345,678,901,234,567,890.5
                a\u{1b}[2Jb       12     12                             –
                """#)
    }

    /// Columns that matter less go first, names become shorter, and no line is longer than the screen.
    @Test func aNarrowTerminalHasFewerColumns() throws {
        #expect(
            try screen(StatusFixture.busy, width: 44) == #"""
                Weir 0.1.0 on build-7, process 4711, runnin…
                billing burns its budget over 14.4 times to…
                billing: PostgreSQL: it took longer than 2 …
                billing: rates, lag and budget are of 3 of …

                TOPOLOGY    P99  OLDEST  BUDGET LEFT
                billing   2.5 s  412 ms  83.3 % of 4 min

                Partitions of billing: 3 of 4 held here
                TOPIC  #  STATE      BEHIND  OLDEST
                calls  0  running         0     0 s
                calls  1  paused        400    75 s
                calls  2  running        12  412 ms
                calls  3  elsewhere       –       –

                Dead letters of billing
                REASON        SINCE THE START   OPEN
                not_framed                 90  1,200
                key_mismatch                2      0

                Busiest organisations of billing, last 24 h…
                ORGANISATION  EVENTS  CALLS
                日本           9,000  9,000
                a\u{1b}[2Jb       12     12
                """#)
        for width in 1...120 {
            for line in try page(StatusFixture.busy).lines(width: width, height: nil) {
                // The only wide characters are those of one name.
                let text = line.text(inColour: false)
                #expect(text.count + (text.contains("日") ? 1 : 0) + (text.contains("本") ? 1 : 0) <= width)
            }
        }
    }

    /// What is furthest behind stays.
    @Test func aLowTerminalHasFewerRows() throws {
        #expect(
            try screen(StatusFixture.busy, width: 80, height: 13) == #"""
                Weir 0.1.0 on build-7, process 4711, running, at 12:00:05  http://127.0.0.1:808…
                billing burns its budget over 14.4 times too fast, over 1h and 5m: page.
                billing: PostgreSQL: it took longer than 2 s; what is shown is from 11:59:30.
                billing: rates, lag and budget are of 3 of 4 partitions, those of this process.

                TOPOLOGY  RECORDS     P50    P99  OLDEST  BUDGET LEFT      DEAD LETTERS  OUTBOX
                billing   12.3K/s  140 ms  2.5 s  412 ms  83.3 % of 4 min            92       7

                Partitions of billing: 3 of 4 held here, the 2 furthest behind
                TOPIC  #  STATE    BEHIND  OLDEST  COMMITTED  PARKED  KEYS  OWNER
                calls  1  paused      400    75 s        900       3    20  build-7/4711/1
                calls  2  running      12  412 ms        500       0    30  build-7/4711/1
                … 2 more parts; a taller screen shows them, or --once
                """#)
        for height in 1...40 { #expect(try page(StatusFixture.busy).lines(width: 80, height: height).count <= height) }
    }

    /// Commits fail, another process's partition stands: both are said, and nothing is green for it.
    @Test func whatStandsStillDoesNotLookWell() throws {
        let text = try screen(StatusFixture.outage, inColour: true)
        let lines = text.split(separator: "\n")
        #expect(
            lines[1] == """
                \u{1b}[1;31mbilling: since 11:59:57 commits of build-7/4711/1 fail, 8 times so far: connection to server \
                failed\u{1b}[0m
                """)
        #expect(
            lines.contains(
                "\u{1b}[33mbilling: PostgreSQL: connection refused; what is shown is from 12:00:04.\u{1b}[0m"))
        #expect(
            lines.contains(
                """
                \u{1b}[33mbilling: 1 of other processes' partitions stand still though records came, for up to 7 s: \
                other.\u{1b}[0m
                """))
        #expect(text.contains("\u{1b}[1;31mcommits fail\u{1b}[0m"))
        #expect(text.contains("\u{1b}[33mstands 7 s\u{1b}[0m"))
        #expect(!text.contains("\u{1b}[32mrunning"))
        // The same trouble is told once.
        let same = StatusFixture.outage.replacing("connection refused", with: "connection to server failed")
        #expect(
            try screen(same).contains(
                "billing: PostgreSQL: no answer to the console either; what is shown is from 12:00:04."))
        let none = StatusFixture.outage.replacing(#""here":true"#, with: #""here":false"#)
        #expect(try screen(none).contains("\nbilling: this process holds none of 4 partitions.\n"))
    }

    @Test func noDataIsADash() throws {
        #expect(
            try screen(StatusFixture.unknown) == #"""
                Weir 0.1.0 on h, process 1, running, at 12:00:05  http://127.0.0.1:8080/

                TOPOLOGY  RECORDS  P50  P99  OLDEST  OBJECTIVE          BUDGET LEFT  DEAD LETTERS  OUTBOX
                billing         –    –    –       –  p99 < 2s over 30d  –                       0       0

                Partitions of billing: this process holds none, and none is known of elsewhere

                Dead letters of billing: PostgreSQL is being asked

                Busiest organisations of billing: PostgreSQL is being asked
                """#)
        #expect(
            try screen(StatusFixture.starting) == #"""
                Weir 0.1.0 on h, process 1, starting, at 12:00:05  http://127.0.0.1:8080/
                Starting: waiting for a server.
                No topology runs yet: nothing is known of lag, rates or partitions.
                """#)
    }

    @Test func whatIsOldIsMarkedAsOld() throws {
        let silence = TerminalPage.Silence(since: 1_795_348_805, problem: "http://h/: Couldn't connect to server")
        let lines = try screen(StatusFixture.busy, silence: silence, inColour: true).split(separator: "\n")
        #expect(
            lines[1] == """
                \u{1b}[1;31mNo answer since 12:00:05: http://h/: Couldn't connect to server. What is below is old.\u{1b}[0m
                """)
        // All else is faint.
        let rest = lines.dropFirst(5).joined(separator: "\n")
        #expect(!rest.contains(/\u{1b}\[(?!0m|2m)/))
        #expect(rest.contains("\u{1b}[2m2.5 s\u{1b}[0m"))
    }

    @Test func coloursMarkWhatIsLate() throws {
        let text = try screen(StatusFixture.busy, inColour: true)
        #expect(text.contains("\u{1b}[1;31m2.5 s\u{1b}[0m"))
        #expect(text.contains("\u{1b}[1;31m75 s\u{1b}[0m"))
        #expect(text.contains("\u{1b}[33mpaused\u{1b}[0m"))
        #expect(!text.contains("\u{1b}[1;31m412 ms"))
        // What is left of the budget looks good only while no record is late already.
        #expect(text.contains("\u{1b}[32m83.3 % of 4 min"))
        let late = StatusFixture.busy.replacing(#"]},"oldest_seconds":0.412"#, with: #"]},"oldest_seconds":5"#)
        #expect(try screen(late, inColour: true).contains("\u{1b}[33m83.3 % of 4 min"))
        // Nobody's name steers the terminal.
        #expect(!text.contains("\u{1b}[2J"))
    }

    @Test func whatIsNoStatusIsSaid() {
        func words(_ text: String) -> String? {
            do throws(StatusDocument.Unreadable) {
                _ = try StatusDocument(reading: Data(text.utf8))
                return nil
            } catch {
                return error.description
            }
        }
        #expect(words("<html>") == "that is no status of Weir")
        #expect(words(#"{"format":2}"#) == "its status has format 2, and this program reads 1")
        #expect(words(#"{"format":1}"#)?.hasPrefix("its status cannot be read: ") == true)
    }

    private func page(_ json: String, silence: TerminalPage.Silence? = nil) throws -> TerminalPage {
        TerminalPage(
            try StatusDocument(reading: Data(json.utf8)), from: "http://127.0.0.1:8080/", silence: silence, offset: 0)
    }

    private func screen(
        _ json: String, width: Int? = nil, height: Int? = nil, silence: TerminalPage.Silence? = nil,
        inColour: Bool = false
    ) throws -> String {
        try page(json, silence: silence).lines(width: width, height: height).map { $0.text(inColour: inColour) }
            .joined(separator: "\n")
    }
}
