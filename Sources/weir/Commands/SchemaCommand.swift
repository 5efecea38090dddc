// weir schema: looks at contracts, compares them, and holds them to their promises.

import ArgumentParser
import Foundation
import WeirAvro
import WeirCore

struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Look at contracts, compare versions, check what they promise.",
        discussion: """
            Works on the folder of contracts, without a server. docs/schemas.md explains compatibility levels, the \
            rules and `config.yaml`.
            """,
        subcommands: [
            SchemaCheckCommand.self, SchemaDiffCommand.self, SchemaShowCommand.self, SchemaDocsCommand.self,
        ])
}

struct SchemaFolderOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Folder of the Avro contracts.", valueName: "folder"))
    var schemas = "schemas"

    func folder() throws -> SchemaFolder { try SchemaFolder(path: schemas) }
}

/// A schema as people name it: an id, a subject, a version of one, or a file.
struct SchemaName {
    let schema: AvroSchema
    /// Nil for a file.
    let entry: SchemaFolder.Entry?
    let words: String

    init(_ text: String, in folder: SchemaFolder) throws {
        if text.hasSuffix(".avsc") {
            schema = try Self.read(text)
            entry = nil
            words = text
            return
        }
        guard let entry = try Self.entry(text, in: folder) else {
            let near = Suggestion.text(for: text, among: folder.subjects)
            throw WeirError(
                .badData, "there is no schema '\(text)' in \(folder.path)\(near)",
                advice: "Name an id (3), a subject, a version of it (storage.usage.v1/1) or a file that ends in .avsc.")
        }
        self.entry = entry
        schema = entry.schema
        words = "\(entry.subject)/\(entry.version) (id \(entry.id))"
    }

    private static func entry(_ text: String, in folder: SchemaFolder) throws -> SchemaFolder.Entry? {
        if let id = Int32(text), let entry = folder.entry(id: id) { return entry }
        if let newest = folder.latest(subject: text) { return newest }
        guard let slash = text.lastIndex(of: "/"), let version = Int(text[text.index(after: slash)...]) else {
            return nil
        }
        return folder.versions(subject: String(text[..<slash])).first { $0.version == version }
    }

    private static func read(_ file: String) throws -> AvroSchema {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
            throw WeirError(.badData, "cannot read \(file)")
        }
        do {
            return try AvroSchema(parsing: text, source: file)
        } catch {
            throw WeirError(.badData, error.message)
        }
    }
}
