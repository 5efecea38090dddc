// A dead letter's payload as its schema reads it, or why that is not possible.

package import WeirAvro

package enum DecodedPayload {
    case value(JSON, SchemaFolder.Entry)
    /// Why it cannot be decoded, in words.
    case not(String)

    /// - Parameter schemas: nil if the folder could not be read.
    package init(_ payload: [UInt8]?, schemas: SchemaFolder?) {
        guard let payload, !payload.isEmpty else {
            self = .not("there is no payload")
            return
        }
        let bytes = payload.span.bytes
        guard let frame = ConfluentFrame(parsing: bytes) else {
            self = .not("it does not begin with 0 and a schema id")
            return
        }
        guard let schemas else {
            self = .not("the schemas could not be read; name their folder with --schemas")
            return
        }
        guard let entry = schemas.entry(id: frame.schemaID) else {
            self = .not("schema id \(frame.schemaID) is not in \(schemas.path)/ids.yaml")
            return
        }
        do {
            let value = try AvroValue.decode(schema: entry.schema, from: bytes.extracting(frame.body))
            self = .value(value.json(schema: entry.schema), entry)
        } catch {
            self = .not("with schema \(entry.id) (\(entry.subject)/\(entry.version)): \(error)")
        }
    }
}
