// weir schema docs: pages of the contracts, for whoever writes or reads the topics.

import ArgumentParser
import Foundation
import WeirAvro
import WeirCore

struct SchemaDocsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "docs",
        abstract: "Write a Markdown page for each contract, and one that lists them.")

    @Option(help: ArgumentHelp("Folder to write to; made if it is not there.", valueName: "folder"))
    var output: String

    @OptionGroup var contracts: SchemaFolderOptions

    func run() throws {
        let folder = try contracts.folder()
        let pages = folder.subjects.map { ContractPage(subject: $0, in: folder) }
        do {
            try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
            try ContractPage.index(of: pages).write(toFile: "\(output)/README.md", atomically: true, encoding: .utf8)
            for page in pages {
                try page.markdown.write(toFile: "\(output)/\(page.subject).md", atomically: true, encoding: .utf8)
            }
        } catch {
            throw WeirError(.badData, "cannot write to \(output): \(error.localizedDescription)")
        }
        say("\(pages.count) contracts: \(output)/README.md")
    }
}
