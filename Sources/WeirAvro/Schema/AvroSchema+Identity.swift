// Whether two texts are one schema.

internal import WeirCore

extension AvroSchema {
    /// The same text for schemas that mean the same to every reader and writer, whatever the order of attributes, the
    /// white space, and whether names are written in full. Defaults, aliases, logical types and docs belong to it;
    /// Avro's Parsing Canonical Form leaves them out, and what is not Avro's (custom attributes) is left out here.
    public var identity: String {
        var seen: Set<Int> = []
        return identity(root, &seen).compact
    }

    private func identity(_ node: Int, _ seen: inout Set<Int>) -> JSON {
        let type = nodes[node]
        if let name = type.name {
            guard seen.insert(node).inserted else { return .string(name) }
        }
        var members: [JSON.Member] = []
        switch type.kind {
        case .union(let branches):
            var items: [JSON] = []
            for branch in branches { items.append(identity(branch, &seen)) }
            return .array(items)
        case .record(let fields):
            var items: [JSON] = []
            for field in fields { items.append(identity(field, &seen)) }
            members.append(JSON.Member("fields", .array(items)))
        case .enumeration(let symbols, let fallback):
            members.append(JSON.Member("symbols", .array(symbols.map { .string($0) })))
            if let fallback { members.append(JSON.Member("default", .string(symbols[fallback]))) }
        case .array(let items): members.append(JSON.Member("items", identity(items, &seen)))
        case .map(let values): members.append(JSON.Member("values", identity(values, &seen)))
        case .fixed(let size): members.append(JSON.Member("size", JSON(size)))
        default: break
        }
        switch type.logical {
        case nil: break
        case .decimal(let precision, let scale):
            members.append(JSON.Member("logical", .string("decimal(\(precision),\(scale))")))
        case let logical?: members.append(JSON.Member("logical", .string(logical.name)))
        }
        if let name = type.name {
            members.append(JSON.Member("name", .string(name)))
            if !type.aliases.isEmpty {
                members.append(JSON.Member("aliases", .array(type.aliases.map { .string($0) })))
            }
        }
        if let doc = type.doc { members.append(JSON.Member("doc", .string(doc))) }
        guard !members.isEmpty else { return .string(type.kind.word) }
        return .object([JSON.Member("type", .string(type.kind.word))] + members)
    }

    private func identity(_ field: Field, _ seen: inout Set<Int>) -> JSON {
        var members = [JSON.Member("name", .string(field.name)), JSON.Member("type", identity(field.type, &seen))]
        if !field.aliases.isEmpty { members.append(JSON.Member("aliases", .array(field.aliases.map { .string($0) }))) }
        if let fallback = field.fallback {
            members.append(JSON.Member("default", fallback.json(self, field.type)))
        }
        if let doc = field.doc { members.append(JSON.Member("doc", .string(doc))) }
        return .object(members)
    }
}

extension AvroSchema {
    /// The GUID that Weir's own registry gives the schema: a hash of its identity, the same in every process.
    public var guid: SchemaGUID {
        let hash = Hash128(low: 0x7765_6972, high: 0x6775_6964).hash(identity)
        return SchemaGUID(high: hash.high, low: hash.low)
    }
}
