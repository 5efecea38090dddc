// Schemas that refer to types of other subjects, made into one text that stands alone.

/// A registry keeps a schema's references beside it: names of types, each defined by a version of another subject.
package enum SchemaInlining {
    /// The text with each referenced type defined where it is used first.
    ///
    /// - Parameter definitions: texts of the referenced schemas, each inlined already.
    package static func inline(_ text: String, definitions: [String], source: String) throws(SchemaError) -> String {
        guard !definitions.isEmpty else { return text }
        var inliner = Inliner()
        for definition in definitions {
            inliner.collect(try JSON(parsing: definition, source: source), namespace: "")
        }
        inliner.defined = []
        return inliner.rewrite(try JSON(parsing: text, source: source), namespace: "").compact
    }
}

private struct Inliner {
    /// Named types by full name; nested ones, too, with references to others by name.
    private var known: [String: JSON] = [:]
    var defined: Set<String> = []

    private static let primitives: Set = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"]

    /// Full name and namespace of a definition.
    private func name(_ json: JSON, _ namespace: String) -> (full: String, namespace: String)? {
        guard let type = json["type"]?.string, ["record", "enum", "fixed", "error"].contains(type),
            let short = json["name"]?.string
        else { return nil }
        let own = json["namespace"]?.string ?? namespace
        let full = short.contains(".") || own.isEmpty ? short : "\(own).\(short)"
        let inner = full.lastIndex(of: ".").map { String(full[..<$0]) } ?? ""
        return (full, inner)
    }

    mutating func collect(_ json: JSON, namespace: String) {
        walk(json, namespace) { definition, full, inner, inliner in
            guard inliner.known[full] == nil else { return }
            inliner.known[full] = Self.rename(definition, full: full, namespace: inner)
        }
    }

    /// The definition with its name in full, so that it means the same wherever it stands.
    private static func rename(_ json: JSON, full: String, namespace: String) -> JSON {
        guard case .object(let members) = json else { return json }
        let short = full.split(separator: ".").last.map(String.init) ?? full
        let rest = members.filter { $0.key != "name" && $0.key != "namespace" && $0.key != "type" }
        let type = members.filter { $0.key == "type" }
        return .object(
            type + [JSON.Member("name", .string(short)), JSON.Member("namespace", .string(namespace))] + rest)
    }

    private mutating func walk(
        _ json: JSON, _ namespace: String, _ visit: (JSON, String, String, inout Inliner) -> Void
    ) {
        switch json {
        case .array(let branches): for branch in branches { walk(branch, namespace, visit) }
        case .object:
            var inner = namespace
            if let (full, own) = name(json, namespace) {
                visit(json, full, own, &self)
                inner = own
            }
            if case .array(let fields) = json["fields"] {
                for field in fields { if let type = field["type"] { walk(type, inner, visit) } }
            }
            for key in ["items", "values", "type"] { if let value = json[key] { walk(value, inner, visit) } }
        default: break
        }
    }

    mutating func rewrite(_ json: JSON, namespace: String) -> JSON {
        switch json {
        case .string(let word): return reference(word, namespace)
        case .array(let branches):
            var items: [JSON] = []
            for branch in branches { items.append(rewrite(branch, namespace: namespace)) }
            return .array(items)
        case .object(let members):
            var inner = namespace
            let definition = name(json, namespace)
            if let definition {
                // Defined before, by what was put in for a name: only the name is left to say.
                guard defined.insert(definition.full).inserted else { return .string(definition.full) }
                inner = definition.namespace
            }
            var result: [JSON.Member] = []
            for member in members {
                switch (member.key, member.value) {
                case ("fields", .array(let fields)):
                    var list: [JSON] = []
                    for field in fields { list.append(rewriteField(field, inner)) }
                    result.append(JSON.Member("fields", .array(list)))
                case ("type", .string) where definition != nil: result.append(member)
                case ("items", let value), ("values", let value), ("type", let value):
                    result.append(JSON.Member(member.key, rewrite(value, namespace: inner)))
                default: result.append(member)
                }
            }
            return .object(result)
        default: return json
        }
    }

    private mutating func rewriteField(_ field: JSON, _ namespace: String) -> JSON {
        guard case .object(let members) = field else { return field }
        var result: [JSON.Member] = []
        for member in members {
            let value = member.key == "type" ? rewrite(member.value, namespace: namespace) : member.value
            result.append(JSON.Member(member.key, value))
        }
        return .object(result)
    }

    private mutating func reference(_ word: String, _ namespace: String) -> JSON {
        if Self.primitives.contains(word) || ["array", "map"].contains(word) { return .string(word) }
        let full = word.contains(".") || namespace.isEmpty ? word : "\(namespace).\(word)"
        for candidate in [full, word] {
            if defined.contains(candidate) { return .string(candidate) }
            if let definition = known[candidate] { return rewrite(definition, namespace: "") }
        }
        return .string(word)
    }
}
