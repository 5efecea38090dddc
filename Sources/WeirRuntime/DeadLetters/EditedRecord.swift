// A dead letter's record as a file to edit, and the record that the edited file says.

internal import Foundation
package import WeirAvro
internal import WeirCore

/// Key and payload to replay instead of the dead letter's own.
///
/// The file is JSON: `{"key": "…", "schema_id": 3, "value": {…}}`. `value` is the decoded record, which is encoded with
/// the schema and framed again. `payload_hex` instead of the two is the payload as it stands, for records that do not
/// decode; `key_hex` is a key that is no text. What is left out stays as it was.
package struct EditedRecord: Equatable, Sendable {
    package var key: [UInt8]?
    package var payload: [UInt8]?

    package init(key: [UInt8]?, payload: [UInt8]?) {
        self.key = key
        self.payload = payload
    }

    /// The file for a dead letter, and why it holds the bare payload, if it does.
    package static func file(for letter: StoredDeadLetter, schemas: SchemaFolder?) -> (text: String, note: String?) {
        var members: [JSON.Member] = []
        if let key = letter.summary.key {
            if let text = String(validating: key, as: UTF8.self) {
                members.append(JSON.Member("key", .string(text)))
            } else {
                members.append(JSON.Member("key_hex", .string(Hex.text(key))))
            }
        } else {
            members.append(JSON.Member("key", .null))
        }
        let decoded = DecodedPayload(letter.payload, schemas: schemas)
        var note: String?
        switch decoded {
        case .value(let value, let entry):
            members.append(JSON.Member("schema_id", JSON(entry.id)))
            members.append(JSON.Member("value", value))
        case .not(let why):
            note = why
            members.append(JSON.Member("payload_hex", JSON(letter.payload.map { Hex.text($0) })))
        }
        return (JSON.object(members).pretty(), note)
    }

    /// Reads an edited file.
    ///
    /// - Throws: `WeirError(.badData)` that says where in the file and what was expected.
    package init(
        parsing text: String, file: String, letter: StoredDeadLetter, schemas: () throws -> SchemaFolder
    ) throws {
        self.init(key: letter.summary.key, payload: letter.payload)
        let json: JSON
        do {
            json = try JSON(parsing: text, source: file)
        } catch {
            throw WeirError(.badData, "\(error)")
        }
        func fail(_ message: String) -> WeirError {
            WeirError(
                .badData, "\(file): \(message)",
                advice: "`weir dlq show \(letter.summary.id) --record` writes a file to begin with.")
        }
        guard case .object(let members) = json else { throw fail("expected an object, found \(json.words)") }
        let known = ["key", "key_hex", "schema_id", "value", "payload_hex"]
        if let other = members.first(where: { !known.contains($0.key) })?.key {
            throw fail("there is no member '\(other)'" + Suggestion.text(for: other, among: known))
        }
        for (one, other) in [("key", "key_hex"), ("value", "payload_hex"), ("schema_id", "payload_hex")]
        where json[one] != nil && json[other] != nil {
            throw fail("'\(one)' and '\(other)' exclude each other")
        }
        switch json["key"] {
        case nil: break
        case .null: key = nil
        case .string(let text): key = Array(text.utf8)
        case .some(let other): throw fail("'key' is text or null, found \(other.words)")
        }
        if let hex = json["key_hex"] { key = try Self.bytes(hex, "key_hex", fail) }
        if let hex = json["payload_hex"] {
            if case .null = hex { payload = nil } else { payload = try Self.bytes(hex, "payload_hex", fail) }
        }
        guard let value = json["value"] else {
            if json["schema_id"] != nil { throw fail("'schema_id' without 'value'") }
            return
        }
        let id: Int32
        switch json["schema_id"] {
        case .integer(let number):
            guard let number = Int32(exactly: number) else { throw fail("'schema_id' is no schema id: \(number)") }
            id = number
        case nil:
            guard let own = letter.summary.schemaID else { throw fail("'value' needs a 'schema_id'") }
            id = own
        case .some(let other): throw fail("'schema_id' is a number, found \(other.words)")
        }
        let folder = try schemas()
        guard let schema = folder.schema(id: id) else {
            throw fail("schema id \(id) is not in \(folder.path)/ids.yaml")
        }
        var writer = AvroWriter()
        ConfluentFrame.writeHeader(schemaID: id, into: &writer)
        do throws(EncodeError) {
            try AvroValue(json: value, schema: schema).encode(schema: schema, into: &writer)
        } catch {
            throw fail("value \(error)")
        }
        payload = writer.bytes
    }

    private static func bytes(_ json: JSON, _ name: String, _ fail: (String) -> WeirError) throws(WeirError)
        -> [UInt8]
    {
        guard let bytes = json.string.flatMap({ Hex.bytes($0) }) else {
            throw fail("'\(name)' is text like \"0x0a1b\", found \(json.words)")
        }
        return bytes
    }
}
