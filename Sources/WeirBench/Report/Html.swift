// The page of a report: one file, nothing loaded from elsewhere, light and dark.

internal import Foundation

public enum Html {
    static func escape(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }

    /// Several reports on one page, in order.
    ///
    /// - Parameters:
    ///   - title: of the page.
    ///   - notes: above the reports, a sentence each.
    public static func page(_ title: String, _ reports: [BenchReport], notes: [String] = []) -> String {
        let sections = reports.enumerated().map {
            section($1, isNamed: reports.count > 1 || $1.title != title, number: $0)
        }
        let contents =
            reports.count == 1
            ? ""
            : "<nav>" + reports.enumerated().map { "<a href=\"#r\($0)\">\(escape($1.title))</a>" }.joined() + "</nav>"
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(escape(title))</title>
            <style>\(PageStyle.css)</style>
            </head>
            <body>
            <main>
            <h1>\(escape(title))</h1>
            \(contents)
            \(notes.map { "<p class=\"note\">\(escape($0))</p>" }.joined(separator: "\n"))
            \(sections.joined(separator: "\n"))
            </main>
            </body>
            </html>

            """
    }

    private static func section(_ report: BenchReport, isNamed: Bool, number: Int) -> String {
        var parts = ["<section id=\"r\(number)\">"]
        if isNamed { parts.append("<h2>\(escape(report.title))</h2>") }
        parts.append(
            "<p class=\"note\">weir bench \(escape(report.mode)), \(escape(report.date))<br><code>"
                + "\(escape(report.command))</code></p>")
        for refusal in report.refusals { parts.append("<p class=\"refused\">Refused. \(escape(refusal))</p>") }
        for sentence in report.verdict { parts.append("<p class=\"verdict\">\(escape(sentence))</p>") }
        if report.runs.count == 1, let run = report.runs.first { parts.append(cards(run)) }
        parts += report.tables.map(table)
        if !report.runs.isEmpty {
            parts.append(RunCharts.percentiles(report.runs).svg)
            let drawn = Side.fairly(report.runs, most: mostCharts)
            for run in drawn {
                parts += RunCharts.courses(run, isOnly: report.runs.count == 1)
            }
            if report.runs.count > mostCharts {
                let names = drawn.map(\.label).joined(separator: ", ")
                parts.append("<p class=\"note\">Courses of \(escape(names)); the JSON has all.</p>")
            }
            parts += RunTables.all(report.runs).map(table)
        }
        parts.append(setup(report))
        parts.append("</section>")
        return parts.joined(separator: "\n")
    }

    /// Runs whose courses are drawn.
    private static let mostCharts = 4

    private static func cards(_ run: RunResult) -> String {
        let lag = run.load.durable
        var cards = [("p50", lag.p50), ("p99", lag.p99), ("p99.9", lag.p999), ("max", lag.max)].map {
            (name: "\($0.0) lag", value: RunTables.milliseconds($0.1), unit: $0.1 == nil ? "" : "ms")
        }
        cards.append(("done", RunTables.count(run.load.throughput), "events/s"))
        cards.append(("failures", "\(lag.failures)", "of \(lag.recorded + lag.failures)"))
        if let cpu = run.cpu("weir") { cards.append(("Weir's CPU", String(format: "%.2f", cpu), "µs/event")) }
        return "<div class=\"cards\">"
            + cards.map { card in
                "<div><small>\(escape(card.name))</small><b>\(escape(card.value))</b><small>\(escape(card.unit))</small></div>"
            }.joined() + "</div>"
    }

    private static func table(_ table: BenchReport.Table) -> String {
        let head = table.columns.map { "<th>\(escape($0))</th>" }.joined()
        let rows = table.rows.map { row in "<tr>" + row.map(cell).joined() + "</tr>" }
        let note = table.note.isEmpty ? "" : "<p class=\"note\">\(escape(table.note))</p>"
        return "<h3>\(escape(table.title))</h3>\(note)<div class=\"wide\"><table><thead><tr>\(head)</tr></thead><tbody>"
            + rows.joined(separator: "\n") + "</tbody></table></div>"
    }

    /// Figures stay on their line, sentences do not: one that did would push the columns after it out of sight.
    private static func cell(_ text: String) -> String {
        "<td\(text.count > longestFigure ? " class=\"text\"" : "")>\(escape(text))</td>"
    }

    /// Characters of a label like `45000 per s, probe 12`.
    private static let longestFigure = 24

    private static func setup(_ report: BenchReport) -> String {
        let rows = report.setup.map { "<tr><td>\(escape($0.name))</td><td>\(escape($0.value))</td></tr>" }
        let files = report.scenarios.map {
            "<details><summary>\(escape($0.name))</summary><pre>\(escape($0.value))</pre></details>"
        }
        return "<h3>Set-up</h3><div class=\"wide\"><table class=\"setup\"><tbody>\(rows.joined())</tbody></table></div>"
            + files.joined()
    }
}
