// The page of a report: what never came is in its pictures, both sides of a comparison are, and names do not meet.

import Foundation
import Testing
import WeirBench

@Suite struct PageTests {
    /// Ten seconds of ten records each, due from second 0 on; from second `lost` on half of each are never done.
    private func run(_ label: String, lost: Int = 10, faults: [FaultMark] = []) throws -> RunResult {
        let stretches = (0..<10).map { second in
            let isLost = second >= lost
            let rest = isLost ? #""p50": 20, "delivered": 0,"# : #""p50": 20, "p99": 30, "max": 40, "delivered": 10,"#
            return """
                {"from": \(second), "seconds": 1, "due": 10, "done": 10, \(rest) "missing": \(isLost ? 5 : 0)}
                """
        }
        let failures = (10 - lost) * 5
        let tops = failures == 0 ? #""p99": 30, "p999": 30, "max": 40,"# : ""
        let marks = try faults.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }
        let json = """
            {"label": "\(label)", "scenario": "s", "events": 100, "processes": [], "residentMiB": [], "objectiveP99": 2000,
            "faults": [\(marks.joined(separator: ","))], "load": {"offered": 10, "throughput": 10, "seconds": 12,
            "warmup": 0, "duration": 10, "stretches": [\(stretches.joined(separator: ","))],
            "durable": {"recorded": \(100 - failures), "failures": \(failures), "p50": 20, "p90": 30, \(tops)
            "histogram": [[20000000, \(100 - failures)]]},
            "sending": {"scheduled": 100, "sent": 100, "late": 0, "unsent": 0, "acknowledged": 100, "failed": 0,
            "neverDone": \(failures), "errors": {}, "worstLatenessMs": 0, "queueFull": 0, "isRaised": true, "bytes": 1,
            "total": 100},
            "watching": {"looks": 1, "failures": 0, "resolutionP50": 1, "resolutionP99": 1, "resolutionMax": 1,
            "negative": 0, "rewinds": 0, "unclaimed": 0, "reportsTooLate": 0}}}
            """
        return try JSONDecoder().decode(RunResult.self, from: Data(json.utf8))
    }

    private func page(_ runs: [RunResult]) -> String {
        var report = BenchReport(title: "t", mode: "run", command: "c", setup: [], scenarios: [])
        report.runs = runs
        return Html.page("t", [report])
    }

    @Test func whatNeverCameIsInThePictures() throws {
        let whole = page([try run("x")])
        #expect(!whole.contains("class=\"never\""))
        let page = page([try run("x", lost: 3)])
        // Seven seconds of the lags' picture, and the end of the percentiles', each for two widths of a screen.
        #expect(page.matches(of: /<rect class="never"/).count == 2 * 7 + 2)
        #expect(page.contains("never done: 35 of 100 records"))
        #expect(page.contains("never: durable from 65 % on"))
    }

    /// As many of A as of B, and a colour for each.
    @Test func bothSidesOfAComparisonAreDrawn() throws {
        let page = page(try (1...5).map { try run("A \($0)") } + (1...5).map { try run("B \($0)") })
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
        let page = page([try run("x", faults: marks)])
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
