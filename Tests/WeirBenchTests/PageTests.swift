// The page of a report: what never came is in its pictures, both sides of a comparison are, and names do not meet.

import Foundation
import Testing
import WeirBench

@Suite struct PageTests {
    private func page(_ runs: [RunResult]) -> String {
        var report = BenchReport(title: "t", mode: "run", command: "c", setup: [], scenarios: [])
        report.runs = runs
        return Html.page("t", [report])
    }

    @Test func whatNeverCameIsInThePictures() throws {
        let whole = page([try RunResult.made("x")])
        #expect(!whole.contains("class=\"never\""))
        let page = page([try RunResult.made("x", lost: 3)])
        // Seven seconds of the lags' picture, and the end of the percentiles', each for two widths of a screen.
        #expect(page.matches(of: /<rect class="never"/).count == 2 * 7 + 2)
        #expect(page.contains("never done: 35 of 100 records"))
        #expect(page.contains("never: durable from 65 % on"))
    }

    /// In the row above all milliseconds, for as long as it lasts, and not left out of the line.
    @Test func linesGoToNever() throws {
        let page = page([try RunResult.made("x", lost: 3)])
        let pictures = page.matches(of: /<svg (?s:.*?)<\/svg>/).map { String($0.0) }.filter { $0.contains(">never<") }
        #expect(pictures.count == 4)
        for picture in pictures {
            let name = try #require(picture.firstMatch(of: /<text class="tick bad"[^>]* y="([0-9.]+)"/))
            let row = try #require(Double(name.1)) - 4
            let reaching = picture.matches(of: /<path class="line[^"]*" d="([^"]*)"/).filter { line in
                line.1.matches(of: /[ML][0-9.]+ ([0-9.]+)/).count { Double($0.1) == row } >= 7
            }
            #expect(reaching.count == 1)
        }
    }

    @Test func neverAndFailuresStandInTheTables() throws {
        let page = page([try RunResult.made("x", lost: 3)])
        #expect(page.contains("<small>p99 lag</small><b>never</b>"))
        #expect(page.contains("<small>failures</small><b>35</b><small>of 100</small>"))
        #expect(page.contains("<td>never</td><td>never</td><td>never</td><td>65</td><td>35</td>"))
    }

    @Test func whatIsRefusedIsMarked() throws {
        var run = try RunResult.made("x")
        #expect(!page([run]).contains("Refused."))
        run.refusal = "too late"
        #expect(page([run]).contains("<p class=\"refused\">Refused. x: too late</p>"))
    }

    /// Names come from scenarios, brokers and groups, and are text wherever they stand.
    @Test func textIsNoMarkup() throws {
        let text = "<x>&\"y\""
        var run = try RunResult.made("x", lost: 3, faults: [FaultMark(at: 4, until: 5, words: text)])
        run.label = text
        run.refusal = text
        let entry = BenchReport.Entry(text, text)
        var report = BenchReport(title: text, mode: text, command: text, setup: [entry], scenarios: [entry])
        report.verdict = [text]
        report.date = text
        report.tables = [BenchReport.Table(text, columns: [text], rows: [[text]], note: text)]
        report.runs = [run]
        var other = run
        other.label = text + "2"
        report.runs.append(other)
        let page = Html.page(text, [report, report])
        #expect(page.contains("&lt;x&gt;&amp;&quot;y&quot;"))
        #expect(!page.contains("<x") && !page.contains("x>") && !page.contains("&\"") && !page.contains("y\""))
        #expect(page.matches(of: /&(?!(amp|lt|gt|quot);)/).isEmpty)
    }

    /// As many of A as of B, and a colour for each.
    @Test func bothSidesOfAComparisonAreDrawn() throws {
        let runs = try ["A", "B"].flatMap { side in try (1...5).map { try RunResult.made("\(side) \($0)") } }
        let page = page(runs)
        for name in ["A 1", "A 2", "B 1", "B 2"] { #expect(page.contains("<figcaption>\(name): Lag of"), "\(name)") }
        #expect(!page.contains("<figcaption>A 3: Lag of"))
        #expect(page.contains("Courses of A 1, B 1, A 2, B 2"))
        #expect(page.contains("<i class=\"c0\"></i>A, 5 runs") && page.contains("<i class=\"c1\"></i>B, 5 runs"))
    }

    /// Names that would meet stand in rows, and one at the right edge begins where it has room.
    @Test func namesOfFaultsAreReadable() throws {
        let marks = [
            FaultMark(at: 4, until: 5, words: "worker 1 is killed"),
            FaultMark(at: 4.5, until: 5, words: "worker 2 is frozen"),
            FaultMark(at: 9.9, until: 30, words: "PostgreSQL is stopped"),
        ]
        let page = page([try RunResult.made("x", faults: marks)])
        for picture in page.matches(of: /<svg class="(broad|narrow)" viewBox="0 0 ([0-9]+)(?s:.*?)<\/svg>/) {
            let width = try #require(Double(picture.2))
            var rows: [Double: Double] = [:]
            for text in picture.0.matches(of: /<text class="tick halo" x="([0-9.]+)" y="([0-9.]+)"[^>]*start">([^<]*)</)
            {
                let (x, y) = (try #require(Double(text.1)), try #require(Double(text.2)))
                #expect(x >= rows[y] ?? 0, "\(text.3) begins in another name")
                rows[y] = x + Double(text.3.count) * 6
                #expect(rows[y] ?? 0 <= width, "\(text.3) is cut off")
            }
        }
        #expect(page.contains(">PostgreSQL is stopped<"))
    }

    /// A refusal among figures once pushed the columns after it behind a scroll bar.
    @Test func sentencesWrapAndFiguresDoNot() {
        var report = BenchReport(title: "t", mode: "sweep", command: "c", setup: [], scenarios: [])
        let sentence = "the generator fell behind: 12 of 100 sends were more than 1 ms late"
        report.tables = [BenchReport.Table("Probes", columns: ["events/s", "verdict"], rows: [["45000", sentence]])]
        let page = Html.page("t", [report], notes: ["Left out: <x>."])
        #expect(page.contains("<td>45000</td><td class=\"text\">\(sentence)</td>"))
        #expect(page.contains("td.text{text-align:left;white-space:normal"))
        #expect(page.contains("<p class=\"note\">Left out: &lt;x&gt;.</p>"))
    }

    @Test func whatBothSidesShareIsToldOnce() {
        typealias Entry = BenchReport.Entry
        let sides = Entry.sides(
            [Entry("in use", "1 worker"), Entry("sender", "acks=all"), Entry("a.yaml", "x")],
            [Entry("in use", "2 workers"), Entry("sender", "acks=all"), Entry("b.yaml", "x")])
        #expect(
            sides == [
                Entry("A: in use", "1 worker"), Entry("B: in use", "2 workers"), Entry("sender", "acks=all"),
                Entry("A: a.yaml", "x"), Entry("B: b.yaml", "x"),
            ])
    }

    @Test func aBuildIsOfTheCommitThatNamesItsDigest() {
        let unknown = "commit unknown: built without make build, or changed since"
        #expect(BuildStamp.words([], digest: "ab") == unknown)
        #expect(BuildStamp.words(["cd 1234567890\n", "ab\n", "ab c d"], digest: "ab") == unknown)
        #expect(
            BuildStamp.words(["cd 1234567890\n", "ab 0123456789-dirty\n"], digest: "ab")
                == "commit 0123456789-dirty (stamped by make build)")
        #expect(BuildStamp.files(of: "/tmp/weir-new") == ["/tmp/weir-new.commit", "/tmp/weir.commit"])
    }

    @Test func whatIsNoReportIsToldInWords() throws {
        func words(_ json: String) -> String {
            do {
                _ = try BenchReport.read(Data(json.utf8))
                return ""
            } catch { return BenchReport.words(error) }
        }
        #expect(words("what?") == "it is no JSON")
        #expect(words("[]") == "it is no object")
        #expect(words("{}").hasPrefix("there is no '"))
        let whole = BenchReport(title: "t", mode: "run", command: "c", setup: [], scenarios: [])
        let json = String(decoding: try whole.json, as: UTF8.self)
        #expect(words(json) == "")
        #expect(words(json.replacing(#""title" : "t""#, with: #""title" : 3"#)) == "'title' is something else")
    }
}
