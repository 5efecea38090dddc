// weir dlq show: everything about one dead letter, and its record as a file.

import ArgumentParser
import Foundation
import WeirAvro
import WeirCore
import WeirRuntime

struct DlqShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show all of one dead letter: why, from where, headers, payload, decoded.",
        discussion: """
            With --record it writes a file to edit, for `weir dlq replay --id ID --with FILE`. With --payload it \
            writes the payload's bytes and nothing else.
            """)

    @Argument(help: "The dead letter's number, from `weir dlq list`.")
    var id: Int64

    @Option(help: ArgumentHelp("Folder of the Avro contracts.", valueName: "folder"))
    var schemas = "schemas"

    @Flag(help: "All of the payload, not only its first 512 bytes.")
    var full = false

    @Flag(help: "As a JSON object.")
    var json = false

    @Flag(help: "Only key and decoded value, as JSON to edit and replay.")
    var record = false

    @Flag(help: "Only the payload, as it is.")
    var payload = false

    @OptionGroup var database: PostgresOptions
    @OptionGroup var registry: RegistryOptions

    func validate() throws {
        guard [json, record, payload].count(where: { $0 }) <= 1 else {
            throw ValidationError("--json, --record and --payload exclude each other")
        }
    }

    func run() throws {
        let store = try DeadLetterStore(try database.requiredConnection(), .reading)
        let letter = try Self.letter(id, in: store)
        if payload {
            try? FileHandle.standardOutput.write(contentsOf: Data(letter.payload ?? []))
            return
        }
        let folder = try? registry.schemas(for: letter.payload, folder: schemas)
        if record {
            let file = EditedRecord.file(for: letter, schemas: folder)
            if let note = file.note { complain("weir: the payload is not decoded: \(note)") }
            return say(file.text)
        }
        let decoded = DecodedPayload(letter.payload, schemas: folder)
        if json { return say(DlqView.json(letter, decoded).pretty()) }
        for line in DlqView.lines(letter, decoded, bytes: full ? .max : 512) { say(line) }
    }

    static func letter(_ id: Int64, in store: DeadLetterStore) throws -> StoredDeadLetter {
        guard let letter = try DlqCommand.telling({ try store.letter(id) }) else {
            throw WeirError(
                .badData, "there is no dead letter \(id)",
                advice: "`weir dlq list --state all` lists them; it may have been purged.")
        }
        return letter
    }
}
