// A schema registry's REST interface, as Confluent documents it and Karapace and Redpanda have it, too.

internal import Synchronization
public import WeirAvro
internal import WeirHTTP

/// Asks one registry. Calls block, one at a time; used by threads that may wait.
///
/// An instance that does not answer, or answers that it cannot now (5xx, 429), is left for the next one at once. How
/// often a question is asked again is up to whoever asks.
public final class RegistryClient: Sendable {
    public let settings: RegistrySettings

    private struct State {
        let client: HTTPClient
        /// The instance that answered last.
        var instance = 0
    }

    private let state: Mutex<State>
    private let telemetry = RegistryTelemetry()

    public init(_ settings: RegistrySettings) {
        self.settings = settings
        state = Mutex(State(client: HTTPClient(settings.http)))
    }

    /// For messages.
    public var name: String { settings.urls.joined(separator: ", ") }

    // MARK: Schemas

    public func schema(id: Int32) throws(RegistryError) -> SchemaContent {
        try content(try call("GET", "/schemas/ids/\(id)"))
    }

    public func schema(guid: SchemaGUID) throws(RegistryError) -> SchemaContent {
        try content(try call("GET", "/schemas/guids/\(guid)"))
    }

    public func subjects() throws(RegistryError) -> [String] {
        guard case .array(let names) = try call("GET", "/subjects") else { throw strange("a list of subjects") }
        return names.compactMap(\.string)
    }

    public func versions(of subject: String) throws(RegistryError) -> [Int] {
        guard case .array(let numbers) = try call("GET", "/subjects/\(Self.escape(subject))/versions") else {
            throw strange("a list of versions")
        }
        return numbers.compactMap { if case .integer(let number) = $0 { Int(number) } else { nil } }
    }

    /// - Parameter version: nil for the newest.
    public func version(_ version: Int?, of subject: String) throws(RegistryError) -> RegisteredSchema {
        let number = version.map(String.init) ?? "latest"
        return try registered(try call("GET", "/subjects/\(Self.escape(subject))/versions/\(number)"))
    }

    /// The version of a subject that is this schema.
    public func lookUp(_ schema: SchemaContent, in subject: String) throws(RegistryError) -> RegisteredSchema {
        try registered(try call("POST", "/subjects/\(Self.escape(subject))", JSON.object(schema.members)))
    }

    /// Registers a schema, or finds it registered.
    ///
    /// - Returns: its id.
    public func register(_ schema: SchemaContent, in subject: String) throws(RegistryError) -> Int32 {
        let answer = try call("POST", "/subjects/\(Self.escape(subject))/versions", JSON.object(schema.members))
        guard case .integer(let number) = answer["id"], let id = Int32(exactly: number) else { throw strange("an id") }
        return id
    }

    // MARK: Promises

    /// Whether a schema could become the next version; if not, why.
    public func isCompatible(
        _ schema: SchemaContent, with version: Int?, of subject: String
    ) throws(RegistryError) -> (isCompatible: Bool, messages: [String]) {
        let number = version.map(String.init) ?? "latest"
        let answer = try call(
            "POST", "/compatibility/subjects/\(Self.escape(subject))/versions/\(number)?verbose=true",
            JSON.object(schema.members))
        guard case .boolean(let isCompatible) = answer["is_compatible"] else { throw strange("is_compatible") }
        guard case .array(let messages) = answer["messages"] else { return (isCompatible, []) }
        return (isCompatible, messages.compactMap(\.string))
    }

    /// - Parameter subject: nil for what holds for all.
    public func compatibility(of subject: String?) throws(RegistryError) -> CompatibilityLevel {
        let path = subject.map { "/config/\(Self.escape($0))?defaultToGlobal=true" } ?? "/config"
        let word = try call("GET", path)["compatibilityLevel"]?.string ?? ""
        guard let level = CompatibilityLevel(rawValue: word) else { throw strange("a compatibility level") }
        return level
    }

    public func setCompatibility(_ level: CompatibilityLevel, of subject: String?) throws(RegistryError) {
        let body = JSON.object([JSON.Member("compatibility", .string(level.rawValue))])
        _ = try call("PUT", subject.map { "/config/\(Self.escape($0))" } ?? "/config", body)
    }

    /// `READWRITE`, `READONLY` or `IMPORT`.
    public func mode(of subject: String?) throws(RegistryError) -> String {
        let path = subject.map { "/mode/\(Self.escape($0))?defaultToGlobal=true" } ?? "/mode"
        guard let mode = try call("GET", path)["mode"]?.string else { throw strange("a mode") }
        return mode
    }

    // MARK: Texts that stand alone

    /// References inside one another at the most.
    private static let deepest = 16

    /// The schema's text with everything that it refers to in it.
    public func wholeText(of schema: SchemaContent) throws(RegistryError) -> String {
        var budget = 256
        return try wholeText(of: schema, depth: 0, &budget)
    }

    private func wholeText(
        of schema: SchemaContent, depth: Int, _ budget: inout Int
    ) throws(RegistryError) -> String {
        guard depth < Self.deepest, budget > 0 else {
            throw RegistryError(.invalid, "its references go too deep, or round in circles")
        }
        var definitions: [String] = []
        for reference in schema.references {
            budget -= 1
            let other = try version(reference.version, of: reference.subject)
            definitions.append(try wholeText(of: other.content, depth: depth + 1, &budget))
        }
        do throws(SchemaError) {
            return try SchemaInlining.inline(schema.text, definitions: definitions, source: "the schema")
        } catch {
            throw RegistryError(.invalid, error.message)
        }
    }

    // MARK: Asking

    private func call(_ method: String, _ path: String, _ body: JSON? = nil) throws(RegistryError) -> JSON {
        let text = body?.compact
        return try state.withLock { state throws(RegistryError) in
            var failures: [RegistryError] = []
            for attempt in settings.urls.indices {
                let instance = (state.instance + attempt) % settings.urls.count
                do throws(RegistryError) {
                    let url = settings.urls[instance] + path
                    let answer = try telemetry.request(method, url) { fields throws(RegistryError) in
                        try Self.ask(state.client, method, url, fields, text)
                    }
                    state.instance = instance
                    return answer
                } catch {
                    guard error.kind == .unavailable else {
                        state.instance = instance
                        throw error
                    }
                    failures.append(error)
                }
            }
            throw failures.count == 1
                ? failures[0]
                : RegistryError(.unavailable, failures.map(\.description).joined(separator: "; "))
        }
    }

    private static func ask(
        _ client: HTTPClient, _ method: String, _ url: String, _ fields: [(name: String, value: String)],
        _ body: String?
    ) throws(RegistryError) -> JSON {
        let response: HTTPClient.Response
        do throws(HTTPClient.Failure) {
            response = try client.send(
                method, url, fields: fields, body: body.map { HTTPClient.Body($0, type: RegistrySettings.mediaType) })
        } catch {
            throw RegistryError(.unavailable, error.words)
        }
        let json = String(validating: response.body, as: UTF8.self).flatMap { try? JSON(parsing: $0, source: url) }
        guard (200...299).contains(response.status) else {
            var code: Int?
            if case .integer(let number) = json?["error_code"] { code = Int(number) }
            throw RegistryError(
                status: response.status, code: code, message: json?["message"]?.string ?? "", url: url)
        }
        guard let json else { throw RegistryError(.unavailable, "\(url) answered with something that is not JSON") }
        return json
    }

    private func content(_ json: JSON) throws(RegistryError) -> SchemaContent {
        guard let content = SchemaContent(json) else { throw strange("a schema") }
        return content
    }

    private func registered(_ json: JSON) throws(RegistryError) -> RegisteredSchema {
        guard let schema = RegisteredSchema(json) else { throw strange("a version of a subject") }
        return schema
    }

    private func strange(_ expected: String) -> RegistryError {
        RegistryError(.unavailable, "\(name) answered with something else than \(expected): is it a schema registry?")
    }

    /// One segment of a path.
    static func escape(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126: result.unicodeScalars.append(UnicodeScalar(byte))
            default: result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }
}
