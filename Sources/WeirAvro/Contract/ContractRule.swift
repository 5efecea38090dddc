// What every contract of the platform has to have, beside being valid Avro.

internal import WeirCore

/// A rule of style that a subject's newest version is held to.
public enum ContractRule: String, Sendable, CaseIterable {
    /// The record, its fields, and every named type in it say what they mean.
    case doc
    /// The record has a string `org_id`: whose usage it is.
    case organisation = "org_id"
    /// The record has a string `idempotency_key`: a repeat can be known.
    case idempotencyKey = "idempotency_key"
    /// A field's logical type stays what it was in the version before: instants in other units, or text that became a
    /// date, are read wrongly by whoever overlooks it.
    case units

    /// What breaks the rule, one sentence each with the field's path in front.
    ///
    /// - Parameter before: the version before, if there is one.
    func findings(in schema: AvroSchema, before: AvroSchema?) -> [String] {
        switch self {
        case .doc:
            return SchemaOutline(schema).lines.filter { ($0.doc ?? "").isEmpty }.map { line in
                "\(line.path.isEmpty ? schema.words(schema.root) : line.path): has no doc"
            }
        case .organisation: return needsText(rawValue, "the organisation that the record is about", schema)
        case .idempotencyKey: return needsText(rawValue, "what is the same in every repeat of the event", schema)
        case .units:
            guard let before else { return [] }
            var logical: [String: String] = [:]
            for line in SchemaOutline(before).lines { logical[line.path] = line.logical ?? "" }
            return SchemaOutline(schema).lines.compactMap { line in
                guard let old = logical[line.path], old != line.logical ?? "" else { return nil }
                return "\(line.path): is \(line.words), was \(old.isEmpty ? "without logical type" : old)"
            }
        }
    }

    private func needsText(_ name: String, _ meaning: String, _ schema: AvroSchema) -> [String] {
        guard let type = schema.type(at: FieldPath(name)) else { return ["\(name): the field is missing: \(meaning)"] }
        guard case .string = type.kind, !type.isOptional else { return ["\(name): is \(type.words), not string"] }
        return []
    }
}
