// weir schema show: one schema, its fields and its place among its versions.

import ArgumentParser
import WeirAvro

struct SchemaShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a schema: its id, its fields and what they mean.",
        discussion: "A schema is an id, a subject (its newest version), subject/version, or a file that ends in .avsc.")

    @Argument(help: ArgumentHelp("The schema.", valueName: "id|subject[/version]"))
    var name: String

    @Flag(help: "Only its text, as it is in the file.")
    var json = false

    @OptionGroup var contracts: SchemaFolderOptions

    func run() throws {
        let folder = try contracts.folder()
        let found = try SchemaName(name, in: folder)
        if json { return say(found.schema.text) }
        say(found.words)
        if let entry = found.entry {
            let versions = folder.versions(subject: entry.subject).map { "\($0.version) (id \($0.id))" }
            say(
                "versions \(versions.joined(separator: ", ")), \(folder.rules(subject: entry.subject).compatibility.rawValue)"
            )
        }
        let outline = SchemaOutline(found.schema).lines
        if let root = outline.first { say("\(root.words)\(root.doc.map { ": \($0)" } ?? "")") }
        say()
        var table = TextTable([("field", .left), ("type", .left), ("meaning", .left)])
        for line in outline.dropFirst() { table.add([line.path, line.full, line.doc ?? ""]) }
        for line in table.lines(indent: "  ") { say(line) }
    }
}
