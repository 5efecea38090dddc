// From JSON to the nodes of a schema, with the path to whatever is wrong.

/// Builds the nodes of one schema.
struct SchemaParser {
    let source: String
    var nodes: [AvroSchema.Node] = []
    var named: [String: Int] = [:]
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
        var fallbacks: [Int: [(field: Int, value: AvroValue)]] = [:]
        for (site, path) in defaults {
            guard case .record(let fields) = nodes[site.node].kind, let json = defaultTexts[site] else { continue }
            let value = try value(json, of: fields[site.field].type, path, 0)
            fallbacks[site.node, default: []].append((site.field, value))
        }
        for (node, values) in fallbacks {
            guard case .record(var fields) = nodes[node].kind else { continue }
            for (field, value) in values { fields[field].fallback = value }
            nodes[node].kind = .record(fields)
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

    static let primitives: [String: AvroSchema.Kind] = [
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
}
