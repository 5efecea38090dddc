// weir bench page: several reports on one page.

import ArgumentParser
import Foundation
import WeirBench
import WeirCore

struct BenchPageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "page", abstract: "Put the JSON reports of several commands on one page.",
        discussion: """
            Example:
              weir bench page out/steady.json out/sweep.json --html out/index.html
            """)

    @Argument(help: ArgumentHelp("Reports that --out wrote.", valueName: "file.json")) var files: [String]
    @Option(help: ArgumentHelp("The page to write.", valueName: "file.html")) var html: String
    @Option(help: "The page's title.") var title = "Weir, measured"

    func run() throws {
        try WholeFile.check(html)
        let reports = try files.map { file in
            guard let data = FileManager.default.contents(atPath: file) else {
                throw WeirError(.usage, "\(file) cannot be read", advice: "Name files that --out wrote.")
            }
            do {
                return try BenchReport.read(data)
            } catch {
                throw WeirError(
                    .badData, "\(file) is no report of this version of weir bench: \(BenchReport.words(error))",
                    advice: "Name files that --out wrote.")
            }
        }
        try WholeFile.write(Data(Html.page(title, reports).utf8), to: html)
        say("wrote      \(html)")
    }
}
