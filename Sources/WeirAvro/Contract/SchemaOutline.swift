// A schema as a list of its fields: what differences and documentation are made from.

/// The fields of a schema in their order, those of records inside after the field that holds them.
public struct SchemaOutline: Sendable {
    public struct Line: Sendable, Equatable {
        /// `provenance[].topic`; empty for the schema as a whole.
        public let path: String
        /// The type in words.
        public let words: String
        /// Symbols of an enum, in their order.
        public let symbols: [String]
        /// Default as JSON; nil if there is none.
        public let fallback: String?
        public let aliases: [String]
        /// Name of its logical type, seen through a union with null.
        public let logical: String?
        public let doc: String?

        /// The type, and what belongs to it.
        public var full: String {
            var text = words
            if !symbols.isEmpty { text += " {" + symbols.joined(separator: ", ") + "}" }
            if let fallback { text += " = \(fallback)" }
            if !aliases.isEmpty { text += ", formerly \(aliases.joined(separator: ", "))" }
            return text
        }
    }

    public private(set) var lines: [Line] = []

    public init(_ schema: AvroSchema) {
        var seen: Set<Int> = []
        let root = schema[schema.root]
        lines.append(
            Line(
                path: "", words: schema.words(schema.root), symbols: Self.symbols(root.kind), fallback: nil,
                aliases: root.aliases, logical: root.logical?.name, doc: root.doc))
        walk(schema, schema.root, "", &seen)
    }

    private static func symbols(_ kind: AvroSchema.Kind) -> [String] {
        if case .enumeration(let symbols, _) = kind { symbols } else { [] }
    }

    private mutating func walk(_ schema: AvroSchema, _ node: Int, _ path: String, _ seen: inout Set<Int>) {
        switch schema[node].kind {
        case .record(let fields):
            guard seen.insert(node).inserted else { return }
            for field in fields {
                let here = path.isEmpty ? field.name : "\(path).\(field.name)"
                let type = schema[schema.plain(field.type)]
                lines.append(
                    Line(
                        path: here, words: schema.words(field.type), symbols: Self.symbols(type.kind),
                        fallback: field.fallback.map { $0.json(schema, field.type).compact }, aliases: field.aliases,
                        logical: type.logical?.name, doc: field.doc ?? type.doc))
                walk(schema, field.type, here, &seen)
            }
        case .array(let items): walk(schema, items, path + "[]", &seen)
        case .map(let values): walk(schema, values, path + "{}", &seen)
        case .union(let branches):
            let named = branches.filter { schema[$0].name != nil }
            for branch in branches {
                let label = named.count > 1 ? "\(path)<\(schema[branch].name ?? "")>" : path
                walk(schema, branch, label, &seen)
            }
        default: break
        }
    }
}

extension AvroSchema {
    /// The other branch of a union with null; any other node itself.
    func plain(_ node: Int) -> Int {
        guard case .union(let branches) = nodes[node].kind else { return node }
        let others = branches.filter { if case .null = nodes[$0].kind { false } else { true } }
        return others.count == 1 ? others[0] : node
    }
}
