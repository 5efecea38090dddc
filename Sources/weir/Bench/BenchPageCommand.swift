// weir bench page: several reports on one page.

import ArgumentParser
import Foundation
import WeirBench
import WeirCore

struct BenchPageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "page", abstract: "Put the JSON reports of several commands on one page.",
        discussion: """
            Files that are no reports are left out, with a warning and a note on the page; if one cannot be read, or none is \
            a report, nothing is written.

            Example:
              weir bench page out/steady.json out/sweep.json --html out/index.html
            """)

    @Argument(help: ArgumentHelp("Reports that --out wrote.", valueName: "file.json")) var files: [String]
    @Option(help: ArgumentHelp("The page to write.", valueName: "file.html")) var html: String
    @Option(help: "The page's title.") var title = "Weir, measured"

    func run() throws {
        try WholeFile.check(html)
        var reports: [BenchReport] = []
        // Somebody's other JSON in the same folder is no reason to have no page.
        var leftOut: [String] = []
        for file in files {
            guard let data = FileManager.default.contents(atPath: file) else {
                throw WeirError(.usage, "\(file) cannot be read; nothing was written", advice: Self.advice)
            }
            do {
                reports.append(try BenchReport.read(data))
            } catch {
                leftOut.append(
                    "\(file) is no report of this version of weir bench (\(BenchReport.words(error)))")
            }
        }
        guard !reports.isEmpty else {
            throw WeirError(
                .badData, "\(leftOut.joined(separator: "\n"))\nNothing was written.", advice: Self.advice)
        }
        let notes = leftOut.map { "Left out: \($0)." }
        notes.forEach(complain)
        try WholeFile.write(Data(Html.page(title, reports, notes: notes).utf8), to: html)
        say("wrote      \(html)")
    }

    private static let advice = "Name files that --out wrote."
}
