// weir schema diff: what changed between two schemas, and who can still read whom.

import ArgumentParser
import WeirAvro

struct SchemaDiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Show what changed between two schemas, and whether they read each other.",
        discussion: "A schema is an id, a subject (its newest version), subject/version, or a file that ends in .avsc.")

    @Argument(help: "The older schema.")
    var old: String

    @Argument(help: "The newer schema.")
    var new: String

    @OptionGroup var contracts: SchemaFolderOptions

    func run() throws {
        let folder = try contracts.folder()
        let (old, new) = (try SchemaName(old, in: folder), try SchemaName(new, in: folder))
        say("--- \(old.words)")
        say("+++ \(new.words)")
        let lines = SchemaDifference(from: old.schema, to: new.schema).lines
        if lines.isEmpty {
            say(old.schema.identity == new.schema.identity ? "the same schema" : "only documentation changed")
        }
        for line in lines { say(line) }
        say()
        explain("the new reads records of the old (BACKWARD)", reader: new.schema, writer: old.schema)
        explain("the old reads records of the new (FORWARD)", reader: old.schema, writer: new.schema)
    }

    private func explain(_ claim: String, reader: AvroSchema, writer: AvroSchema) {
        let reasons = AvroSchema.incompatibilities(reader: reader, writer: writer)
        say("\(reasons.isEmpty ? "yes" : "no "): \(claim)")
        for reason in reasons { say("     \(reason)") }
    }
}
