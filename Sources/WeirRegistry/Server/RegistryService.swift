// The registry's REST interface over a folder of contracts.

internal import Synchronization
internal import WeirAvro
internal import WeirCore
public import WeirHTTP

/// Answers requests as Confluent's Schema Registry does, as far as its clients ask: schemas by id and GUID, subjects,
/// versions, registering, looking up, compatibility, configuration. Nothing can be deleted: records keep their ids.
public final class RegistryService: Sendable {
    private let store: Mutex<SchemaStore>
    private let isWritable: Bool
    /// Takes what is wrong with the folder while the service goes on with what it had.
    private let complain: @Sendable (String) -> Void

    public init(_ store: sending SchemaStore, complain: @escaping @Sendable (String) -> Void) {
        isWritable = store.isWritable
        self.store = Mutex(store)
        self.complain = complain
    }

    public func answer(_ request: HTTPRequest) -> HTTPResponse {
        do throws(RegistryRefusal) {
            return try store.withLock { store throws(RegistryRefusal) in
                do throws(WeirError) {
                    try store.refresh()
                } catch {
                    complain(error.message)
                }
                return try route(request, store)
            }.response
        } catch {
            return error.answer.response
        }
    }

    private func route(_ request: HTTPRequest, _ store: SchemaStore) throws(RegistryRefusal) -> RegistryAnswer {
        let path = request.path
        switch (request.method, path.first, path.count) {
        case ("GET", nil, _), ("HEAD", nil, _): return .object()
        case ("GET", "schemas", 2...): return try schemas(Array(path.dropFirst()), request, store)
        case (_, "subjects", _): return try subjects(Array(path.dropFirst()), request, store)
        case ("POST", "compatibility", 4...5) where path[1] == "subjects" && path[3] == "versions":
            return try compatibility(path[2], path.count == 5 ? path[4] : nil, request, store)
        case (_, "config", 1...2): return try config(path.count == 2 ? path[1] : nil, request, store)
        case ("GET", "mode", 1...2): return .object(("mode", .string(isWritable ? "READWRITE" : "READONLY")))
        case (_, "mode", 1...2):
            throw RegistryRefusal(
                RegistryError.Code.notPermitted, "The mode is fixed by how the registry was started (--writable).")
        case ("GET", "contexts", 1): return RegistryAnswer(.array(["."]))
        default: throw .notFound(request.target)
        }
    }

    // MARK: /schemas

    private func schemas(
        _ path: [String], _ request: HTTPRequest, _ store: SchemaStore
    ) throws(RegistryRefusal) -> RegistryAnswer {
        switch (path[0], path.count) {
        case ("types", 1): return RegistryAnswer(.array(["AVRO"]))
        case ("guids", 2):
            guard let guid = SchemaGUID(path[1]), let entry = store.entry(guid: guid) else { throw .schema(path[1]) }
            return .object(("schema", .string(entry.schema.text)), ("id", JSON(entry.id)))
        case ("ids", 2...3):
            guard let id = Int32(path[1]), let entry = store.folder.entry(id: id) else { throw .schema(path[1]) }
            switch path.count == 2 ? "" : path[2] {
            case "":
                return .object(
                    ("schema", .string(entry.schema.text)), ("guid", .string(entry.schema.guid.description)))
            case "schema": return try text(entry.schema.text)
            case "subjects": return RegistryAnswer(.array([.string(entry.subject)]))
            case "versions":
                return RegistryAnswer(
                    .array([
                        .object([
                            JSON.Member("subject", .string(entry.subject)), JSON.Member("version", JSON(entry.version)),
                        ])
                    ]))
            default: throw .notFound(request.target)
            }
        default: throw .notFound(request.target)
        }
    }

    /// A schema's text as JSON of its own.
    private func text(_ text: String) throws(RegistryRefusal) -> RegistryAnswer {
        guard let json = try? JSON(parsing: text, source: "") else { throw .init(500, "the schema's text is damaged") }
        return RegistryAnswer(json)
    }

    // MARK: /subjects

    private func subjects(
        _ path: [String], _ request: HTTPRequest, _ store: SchemaStore
    ) throws(RegistryRefusal) -> RegistryAnswer {
        switch (request.method, path.count) {
        case ("GET", 0): return RegistryAnswer(.array(store.folder.subjects.map { .string($0) }))
        case ("POST", 1): return try lookUp(path[0], request, store)
        case ("POST", 2) where path[1] == "versions": return try register(path[0], request, store)
        case ("GET", 2...4) where path[1] == "versions":
            let entries = try entries(path[0], store)
            guard path.count > 2 else { return RegistryAnswer(.array(entries.map { JSON($0.version) })) }
            let entry = try version(path[2], among: entries)
            switch path.count == 3 ? "" : path[3] {
            case "": return RegistryAnswer(describe(entry, as: path[0]))
            case "schema": return try text(entry.schema.text)
            case "referencedby": return RegistryAnswer(.array([]))
            default: throw .notFound(request.target)
            }
        case ("DELETE", 1...3):
            throw RegistryRefusal(
                RegistryError.Code.notPermitted, "Nothing is deleted here: records in the topics keep their schema ids."
            )
        default: throw .notFound(request.target)
        }
    }

    private func entries(
        _ name: String, _ store: SchemaStore
    ) throws(RegistryRefusal) -> [SchemaFolder.Entry] {
        let entries = store.folder.versions(subject: store.subject(named: name))
        guard !entries.isEmpty else { throw .subject(name) }
        return entries
    }

    private func version(
        _ text: String, among entries: [SchemaFolder.Entry]
    ) throws(RegistryRefusal) -> SchemaFolder.Entry {
        if text == "latest" || text == "-1", let newest = entries.last { return newest }
        guard let number = Int(text), number > 0 else {
            throw RegistryRefusal(
                RegistryError.Code.invalidVersion,
                "The specified version '\(text)' is not a valid version id. Allowed values are between [1, 2^31-1] and "
                    + "the string \"latest\"")
        }
        guard let entry = entries.first(where: { $0.version == number }) else { throw .version(text) }
        return entry
    }

    private func describe(_ entry: SchemaFolder.Entry, as name: String) -> JSON {
        .object([
            JSON.Member("subject", .string(name)), JSON.Member("version", JSON(entry.version)),
            JSON.Member("id", JSON(entry.id)), JSON.Member("guid", .string(entry.schema.guid.description)),
            JSON.Member("schema", .string(entry.schema.text)),
        ])
    }

    private func lookUp(
        _ name: String, _ request: HTTPRequest, _ store: SchemaStore
    ) throws(RegistryRefusal) -> RegistryAnswer {
        let (_, schema) = try schema(in: request, store)
        _ = try entries(name, store)
        guard let entry = store.entries(like: schema).first(where: { $0.subject == store.subject(named: name) }) else {
            throw .schema("")
        }
        return RegistryAnswer(describe(entry, as: name))
    }

    // MARK: Registering

    private func register(
        _ name: String, _ request: HTTPRequest, _ store: SchemaStore
    ) throws(RegistryRefusal) -> RegistryAnswer {
        let (text, schema) = try schema(in: request, store)
        let subject = store.subject(named: name)
        if let known = store.entries(like: schema).first(where: { $0.subject == subject }) {
            return RegistryAnswer(describe(known, as: name))
        }
        guard isWritable else {
            throw RegistryRefusal(
                RegistryError.Code.notPermitted,
                "Subject \(name) is read-only: this registry serves a folder and was started without --writable.")
        }
        guard SchemaStore.isLegal(subject) else {
            throw RegistryRefusal(
                RegistryError.Code.invalidSubject,
                "The specified subject '\(name)' is not a valid subject: letters, digits, '.', '-' and '_', up to 200.")
        }
        let level = store.folder.rules(subject: subject).compatibility
        let violations = level.violations(of: schema, against: numbered(store.folder.versions(subject: subject)))
        guard violations.isEmpty else {
            let words = violations.map(\.description).joined(separator: "; ")
            throw RegistryRefusal(
                409,
                "Schema being registered is incompatible with an earlier schema for subject \"\(name)\" "
                    + "(\(level.rawValue)): \(words)")
        }
        do throws(WeirError) {
            return RegistryAnswer(describe(try store.add(schema, text: text, to: subject), as: name))
        } catch {
            throw RegistryRefusal(RegistryError.Code.storeFailed, "Error in the backend datastore: \(error.message)")
        }
    }

    private func numbered(_ entries: [SchemaFolder.Entry]) -> [(version: Int, schema: AvroSchema)] {
        entries.map { (version: $0.version, schema: $0.schema) }
    }

    /// The schema that a request sends, with what it refers to in it.
    private func schema(
        in request: HTTPRequest, _ store: SchemaStore
    ) throws(RegistryRefusal) -> (text: String, schema: AvroSchema) {
        let json = try body(of: request)
        guard let content = SchemaContent(json) else { throw invalid("there is no \"schema\" in the request") }
        guard content.type == "AVRO" else { throw invalid("type \(content.type) is not supported, only AVRO") }
        var definitions: [String] = []
        for reference in content.references {
            let others = try entries(reference.subject, store)
            definitions.append(try version(String(reference.version), among: others).schema.text)
        }
        do throws(SchemaError) {
            let text = try SchemaInlining.inline(content.text, definitions: definitions, source: "the schema")
            return (text, try AvroSchema(parsing: text, source: "the schema"))
        } catch {
            throw invalid(error.message)
        }
    }

    private func invalid(_ words: String) -> RegistryRefusal {
        RegistryRefusal(RegistryError.Code.invalidSchema, "Invalid schema: \(words)")
    }

    private func body(of request: HTTPRequest) throws(RegistryRefusal) -> JSON {
        // Also keeps a web page from writing here behind its reader's back: browsers ask before they send JSON.
        guard request.headers["content-type"]?.contains("json") == true else {
            throw RegistryRefusal(
                415, "HTTP 415 Unsupported Media Type: expected application/vnd.schemaregistry.v1+json")
        }
        guard let text = String(validating: request.body, as: UTF8.self),
            let json = try? JSON(parsing: text, source: "the request"), case .object = json
        else { throw RegistryRefusal(400, "the request is not a JSON object") }
        return json
    }

    // MARK: Promises

    private func compatibility(
        _ name: String, _ version: String?, _ request: HTTPRequest, _ store: SchemaStore
    ) throws(RegistryRefusal) -> RegistryAnswer {
        let (_, schema) = try schema(in: request, store)
        let entries = try entries(name, store)
        let level = store.folder.rules(subject: store.subject(named: name)).compatibility
        var against = numbered(entries)
        if let version {
            let one = try self.version(version, among: entries)
            against = [(version: one.version, schema: one.schema)]
        } else if !level.isTransitive {
            against = against.suffix(1)
        }
        let words = level.violations(of: schema, against: against).map(\.description)
        var members = [JSON.Member("is_compatible", .boolean(words.isEmpty))]
        if request.query["verbose"] == "true" {
            members.append(JSON.Member("messages", .array(words.map { .string($0) })))
        }
        return RegistryAnswer(.object(members))
    }

    private func config(
        _ name: String?, _ request: HTTPRequest, _ store: SchemaStore
    ) throws(RegistryRefusal) -> RegistryAnswer {
        let subject = name.map { store.subject(named: $0) }
        switch request.method {
        case "GET":
            guard let name, let subject else {
                return .object(("compatibilityLevel", .string(store.folder.usualRules.compatibility.rawValue)))
            }
            let rules = store.folder.rules(subject: subject)
            guard rules.declaresCompatibility || request.query["defaultToGlobal"] == "true" else {
                throw RegistryRefusal(
                    RegistryError.Code.noSubjectLevel,
                    "Subject '\(name)' does not have subject-level compatibility configured")
            }
            return .object(("compatibilityLevel", .string(rules.compatibility.rawValue)))
        case "PUT":
            guard let level = CompatibilityLevel(rawValue: try body(of: request)["compatibility"]?.string ?? "") else {
                throw RegistryRefusal(
                    RegistryError.Code.invalidLevel,
                    "Invalid compatibility level. Valid values are "
                        + CompatibilityLevel.allCases.map(\.rawValue).joined(separator: ", "))
            }
            guard isWritable else {
                throw RegistryRefusal(RegistryError.Code.notPermitted, "This registry was started without --writable.")
            }
            if let name, let subject, store.folder.latest(subject: subject) == nil { throw .subject(name) }
            do throws(WeirError) {
                try store.setCompatibility(level, of: subject)
            } catch {
                throw RegistryRefusal(RegistryError.Code.storeFailed, error.message)
            }
            return .object(("compatibility", .string(level.rawValue)))
        default: throw .notFound(request.target)
        }
    }
}
