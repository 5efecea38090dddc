// Names of types: their namespaces, and which are legal.

extension SchemaParser {
    /// Adds a named type, and returns it with the namespace that holds inside it.
    mutating func define(
        _ kind: AvroSchema.Kind, _ json: JSON, namespace: String, path: String
    ) throws(SchemaError) -> (node: Int, namespace: String) {
        guard let short = json["name"]?.string else {
            throw failure(path + "/name", "expected the \(kind.word)'s name, found \(json["name"]?.words ?? "none")")
        }
        var own = namespace
        if let given = json["namespace"] {
            guard let text = given.string else {
                throw failure(path + "/namespace", "expected a string, found \(given.words)")
            }
            own = text
        }
        let full = SchemaParser.qualify(short, own)
        let parts = full.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ SchemaParser.isName($0) }) else {
            throw failure(path + "/name", "expected a name like StorageUsage, found \"\(full)\"")
        }
        guard SchemaParser.primitives[String(parts[parts.count - 1])] == nil else {
            throw failure(path + "/name", "\"\(full)\" is the name of an Avro type")
        }
        guard named[full] == nil else { throw failure(path + "/name", "\"\(full)\" is defined twice") }
        let inner = parts.dropLast().joined(separator: ".")
        nodes.append(
            AvroSchema.Node(
                kind: kind, name: full, aliases: try aliases(json["aliases"], namespace: inner, path: path),
                logical: LogicalType(json, on: kind), doc: json["doc"]?.string))
        named[full] = nodes.count - 1
        return (nodes.count - 1, inner)
    }

    func aliases(_ json: JSON?, namespace: String, path: String) throws(SchemaError) -> [String] {
        guard json != nil else { return [] }
        let given = try names(json, path: path + "/aliases", what: "former names")
        for (position, alias) in given.enumerated() {
            let parts = alias.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.allSatisfy({ SchemaParser.isName($0) }) else {
                throw failure("\(path)/aliases/\(position)", "expected a name like StorageUsage, found \"\(alias)\"")
            }
        }
        return given.map { SchemaParser.qualify($0, namespace) }
    }

    func names(_ json: JSON?, path: String, what: String) throws(SchemaError) -> [String] {
        guard case .array(let items) = json else {
            throw failure(path, "expected an array of \(what), found \(json?.words ?? "none")")
        }
        var names: [String] = []
        for (position, item) in items.enumerated() {
            guard let name = item.string else {
                throw failure("\(path)/\(position)", "expected a string, found \(item.words)")
            }
            names.append(name)
        }
        return names
    }

    static func qualify(_ name: String, _ namespace: String) -> String {
        name.contains(".") || namespace.isEmpty ? name : "\(namespace).\(name)"
    }

    static func isName(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, !(48...57).contains(first) else { return false }
        return text.utf8.allSatisfy { byte in
            (65...90).contains(byte) || (97...122).contains(byte) || (48...57).contains(byte) || byte == 95
        }
    }
}
