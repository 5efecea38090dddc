// From JSON to the nodes of a schema, with the path to whatever is wrong.

/// Builds the nodes of one schema.
struct SchemaParser {
    let source: String
    private(set) var nodes: [AvroSchema.Node] = []
    private var named: [String: Int] = [:]
    /// Defaults wait until every type is known: they may be of a type that is still being read.
    private var defaults: [(site: DefaultSite, path: String)] = []
    private var defaultTexts: [DefaultSite: JSON] = [:]
    /// Values that the defaults of one schema may hold in all: nested unions could otherwise take for ever.
    var defaultBudget = 8192

    private struct DefaultSite: Hashable {
        let node: Int
        let field: Int
    }

    init(source: String) { self.source = source }

    /// Reads a whole schema and returns the index of its root.
    mutating func parse(_ json: JSON) throws(SchemaError) -> Int {
        let root = try type(json, namespace: "", path: "", depth: 0)
        for (site, path) in defaults {
            guard case .record(var fields) = nodes[site.node].kind, let json = defaultTexts[site] else { continue }
            fields[site.field].fallback = try value(json, of: fields[site.field].type, path, 0)
            nodes[site.node].kind = .record(fields)
        }
        return root
    }

    /// The default that the text gives a field, whether or not it was checked yet.
    func defaultText(node: Int, field: Int) -> JSON? {
        defaultTexts[DefaultSite(node: node, field: field)]
    }

    func failure(_ path: String, _ words: String) -> SchemaError {
        SchemaError("\(source): at \(path.isEmpty ? "/" : path): \(words)")
    }

    // MARK: Types

    private mutating func type(_ json: JSON, namespace: String, path: String, depth: Int) throws(SchemaError) -> Int {
        guard depth < AvroSchema.maximumDepth else {
            throw failure(path, "types nested deeper than \(AvroSchema.maximumDepth) levels")
        }
        guard nodes.count < AvroSchema.maximumNodes else {
            throw failure(path, "more than \(AvroSchema.maximumNodes) types")
        }
        switch json {
        case .string(let name):
            if let kind = SchemaParser.primitives[name] { return add(kind) }
            return try reference(name, namespace: namespace, path: path)
        case .array(let branches):
            return try union(branches, namespace: namespace, path: path, depth: depth)
        case .object:
            return try definition(json, namespace: namespace, path: path, depth: depth)
        default:
            throw failure(path, "expected a type (a name, an object or an array), found \(json.words)")
        }
    }

    private static let primitives: [String: AvroSchema.Kind] = [
        "null": .null, "boolean": .boolean, "int": .int, "long": .long, "float": .float, "double": .double,
        "bytes": .bytes, "string": .string,
    ]

    private mutating func add(_ kind: AvroSchema.Kind, logical: LogicalType? = nil, doc: String? = nil) -> Int {
        nodes.append(AvroSchema.Node(kind: kind, name: nil, aliases: [], logical: logical, doc: doc))
        return nodes.count - 1
    }

    private func reference(_ name: String, namespace: String, path: String) throws(SchemaError) -> Int {
        if !namespace.isEmpty, !name.contains("."), let node = named["\(namespace).\(name)"] { return node }
        if let node = named[name] { return node }
        throw failure(path, "expected a type, found \"\(name)\", which is not defined before this point")
    }

    private mutating func union(
        _ branches: [JSON], namespace: String, path: String, depth: Int
    ) throws(SchemaError) -> Int {
        let node = add(.null)
        var indices: [Int] = []
        var seen: Set<String> = []
        for (position, branch) in branches.enumerated() {
            let here = "\(path)/\(position)"
            let index = try type(branch, namespace: namespace, path: here, depth: depth + 1)
            if case .union = nodes[index].kind { throw failure(here, "a union may not hold another union directly") }
            let label = nodes[index].name ?? nodes[index].kind.word
            guard seen.insert(label).inserted else {
                throw failure(here, "the union already has a branch of type \(label)")
            }
            indices.append(index)
        }
        nodes[node].kind = .union(indices)
        return node
    }

    private mutating func definition(
        _ json: JSON, namespace: String, path: String, depth: Int
    ) throws(SchemaError) -> Int {
        guard let type = json["type"] else { throw failure(path, "expected an object with \"type\"") }
        guard let word = type.string else {
            // {"type": {"type": "string"}}: an object around a type, which some generators write.
            return try self.type(type, namespace: namespace, path: path + "/type", depth: depth + 1)
        }
        let doc = json["doc"]?.string
        if let kind = SchemaParser.primitives[word] {
            return add(kind, logical: LogicalType(json, on: kind), doc: doc)
        }
        switch word {
        case "array":
            guard let items = json["items"] else { throw failure(path, "expected \"items\" in an array") }
            let node = add(.null, doc: doc)
            let index = try self.type(items, namespace: namespace, path: path + "/items", depth: depth + 1)
            nodes[node].kind = .array(items: index)
            return node
        case "map":
            guard let values = json["values"] else { throw failure(path, "expected \"values\" in a map") }
            let node = add(.null, doc: doc)
            let index = try self.type(values, namespace: namespace, path: path + "/values", depth: depth + 1)
            nodes[node].kind = .map(values: index)
            return node
        case "record":
            let (node, inner) = try define(.record([]), json, namespace: namespace, path: path)
            nodes[node].kind = .record(try fields(of: node, json, namespace: inner, path: path, depth: depth))
            return node
        case "enum":
            return try define(try enumeration(json, path: path), json, namespace: namespace, path: path).node
        case "fixed":
            guard case .integer(let size) = json["size"], size >= 0, size <= Int64(Int32.max) else {
                let found = json["size"]?.words ?? "none"
                throw failure(path + "/size", "expected a size from 0 to \(Int32.max), found \(found)")
            }
            return try define(.fixed(size: Int(size)), json, namespace: namespace, path: path).node
        default:
            return try reference(word, namespace: namespace, path: path + "/type")
        }
    }

    private func enumeration(_ json: JSON, path: String) throws(SchemaError) -> AvroSchema.Kind {
        let symbols = try names(json["symbols"], path: path + "/symbols", what: "symbols")
        for (position, symbol) in symbols.enumerated() where !SchemaParser.isName(symbol) {
            throw failure("\(path)/symbols/\(position)", "expected a symbol like READ or read_2, found \"\(symbol)\"")
        }
        guard Set(symbols).count == symbols.count else {
            throw failure(path + "/symbols", "a symbol stands there twice")
        }
        guard let fallback = json["default"] else { return .enumeration(symbols: symbols, fallback: nil) }
        guard let text = fallback.string, let index = symbols.firstIndex(of: text) else {
            throw failure(path + "/default", "expected one of the enum's symbols, found \(fallback.words)")
        }
        return .enumeration(symbols: symbols, fallback: index)
    }

    private mutating func fields(
        of node: Int, _ json: JSON, namespace: String, path: String, depth: Int
    ) throws(SchemaError) -> [AvroSchema.Field] {
        guard case .array(let list) = json["fields"] else {
            throw failure(path + "/fields", "expected an array of fields, found \(json["fields"]?.words ?? "none")")
        }
        var fields: [AvroSchema.Field] = []
        var seen: Set<String> = []
        for (position, field) in list.enumerated() {
            let here = "\(path)/fields/\(position)"
            guard let name = field["name"]?.string, SchemaParser.isName(name) else {
                let found = field["name"]?.words ?? field.words
                throw failure(here, "expected a field with a name like org_id, found \(found)")
            }
            guard seen.insert(name).inserted else { throw failure(here, "the record already has a field \"\(name)\"") }
            guard let type = field["type"] else { throw failure(here, "expected \"type\" in field \"\(name)\"") }
            let aliases =
                field["aliases"] == nil
                ? [] : try names(field["aliases"], path: here + "/aliases", what: "former names")
            let index = try self.type(type, namespace: namespace, path: here + "/type", depth: depth + 1)
            if let fallback = field["default"] {
                let site = DefaultSite(node: node, field: position)
                defaults.append((site, "\(here)/default"))
                defaultTexts[site] = fallback
            }
            fields.append(
                AvroSchema.Field(
                    name: name, aliases: aliases, type: index, fallback: nil, doc: field["doc"]?.string))
        }
        return fields
    }

    // MARK: Names

    /// Adds a named type, and returns it with the namespace that holds inside it.
    private mutating func define(
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
        guard SchemaParser.primitives[full] == nil else {
            throw failure(path + "/name", "\"\(full)\" is the name of an Avro type")
        }
        guard named[full] == nil else { throw failure(path + "/name", "\"\(full)\" is defined twice") }
        let inner = parts.dropLast().joined(separator: ".")
        let aliases =
            json["aliases"] == nil ? [] : try names(json["aliases"], path: path + "/aliases", what: "former names")
        nodes.append(
            AvroSchema.Node(
                kind: kind, name: full, aliases: aliases.map { SchemaParser.qualify($0, inner) },
                logical: LogicalType(json, on: kind), doc: json["doc"]?.string))
        named[full] = nodes.count - 1
        return (nodes.count - 1, inner)
    }

    private func names(_ json: JSON?, path: String, what: String) throws(SchemaError) -> [String] {
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

    private static func qualify(_ name: String, _ namespace: String) -> String {
        name.contains(".") || namespace.isEmpty ? name : "\(namespace).\(name)"
    }

    private static func isName(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, !(48...57).contains(first) else { return false }
        return text.utf8.allSatisfy { byte in
            (65...90).contains(byte) || (97...122).contains(byte) || (48...57).contains(byte) || byte == 95
        }
    }
}
