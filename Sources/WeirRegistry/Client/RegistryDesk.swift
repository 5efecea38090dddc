// What a process asks a registry when it starts, with the last answers on disk for starts while it is away.

public import WeirAvro
public import WeirCore

public struct RegistryDesk: Sendable {
    private let client: RegistryClient
    private let disk: SchemaDiskCache?

    public init(_ client: RegistryClient, cacheFolder: String?) {
        self.client = client
        disk = cacheFolder.map { SchemaDiskCache(folder: $0, registry: client.name) }
    }

    /// The newest version of a subject; nil if there is no such subject.
    ///
    /// - Parameter name: what the topology calls it.
    public func newest(of subject: String, as name: String) throws(WeirError) -> SchemaFolder.Entry? {
        let key = "newest of \(subject)"
        var text: String
        do throws(RegistryError) {
            let found = try client.version(nil, of: subject)
            text = "\(found.id) \(found.version) " + (try client.wholeText(of: found.content))
            _ = disk?.write(text, of: key)
        } catch {
            if error.kind == .absent { return nil }
            guard error.kind == .unavailable, let kept = disk?.text(of: key) else { throw weirError(error) }
            text = kept
        }
        let parts = text.split(separator: " ", maxSplits: 2)
        guard parts.count == 3, let id = Int32(parts[0]), let version = Int(parts[1]) else {
            throw WeirError(.bug, "the cache of \(subject) is damaged")
        }
        do throws(SchemaError) {
            let schema = try AvroSchema(parsing: String(parts[2]), source: "\(subject)/\(version)")
            return SchemaFolder.Entry(id: id, subject: name, version: version, schema: schema)
        } catch {
            throw WeirError(.badData, error.message)
        }
    }

    /// The id of a schema under a subject.
    ///
    /// - Parameter registers: it is registered if the registry does not have it; without, 0 stands for that.
    public func id(of schema: AvroSchema, in subject: String, registers: Bool) throws(WeirError) -> Int32 {
        let key = "id of \(schema.guid) in \(subject)"
        let content = SchemaContent(text: schema.text)
        do throws(RegistryError) {
            let id = try find(content, subject, registers)
            if id == 0 { return id }
            _ = disk?.write(String(id), of: key)
            return id
        } catch {
            if error.kind == .unavailable, let kept = disk?.text(of: key), let id = Int32(kept) { return id }
            throw weirError(error, "registering \(schema.source) under \(subject): ")
        }
    }

    private func find(_ content: SchemaContent, _ subject: String, _ registers: Bool) throws(RegistryError) -> Int32 {
        do throws(RegistryError) {
            return try client.lookUp(content, in: subject).id
        } catch {
            guard error.kind == .absent else { throw error }
            return registers ? try client.register(content, in: subject) : 0
        }
    }

    private func weirError(_ error: RegistryError, _ words: String = "") -> WeirError {
        switch error.kind {
        case .unavailable:
            WeirError(
                .unavailable, "\(words)\(error)",
                advice: "Is the schema registry up? What it said before is used only for what was asked before.")
        case .refused:
            WeirError(.unavailable, "\(words)\(error)", advice: "See --registry-credentials and --registry-cert.")
        default: WeirError(.badData, "\(words)\(error)")
        }
    }
}
