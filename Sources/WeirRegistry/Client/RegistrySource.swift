// A registry as a worker sees it: names asked for once, kept for good.

internal import Synchronization
public import WeirAvro

/// Shared by all workers of a process, so that each name costs one request whoever meets it first.
///
/// What the registry says is kept in memory for good and written to disk; what is on disk counts only while the
/// registry cannot be asked, so that a registry that was made anew never meets old meanings.
public final class RegistrySource: SchemaSource {
    private struct State {
        var catalog: SchemaCatalog
        var denied: NegativeCache
    }

    private let client: RegistryClient
    private let disk: SchemaDiskCache?
    private let state: Mutex<State>
    /// Told once for each kind of trouble with the disk.
    private let complain: @Sendable (String) -> Void

    /// - Parameters:
    ///   - contracts: what topologies read records as.
    ///   - cacheFolder: nil keeps nothing on disk.
    ///   - first, longest: waits before a name that the registry did not know is asked about again.
    ///   - complain: takes what went wrong and stops nothing.
    public init(
        _ client: RegistryClient, contracts: SchemaFolder, cacheFolder: String?, first: Duration, longest: Duration,
        complain: @escaping @Sendable (String) -> Void
    ) {
        self.client = client
        disk = cacheFolder.map { SchemaDiskCache(folder: $0, registry: client.name) }
        state = Mutex(
            State(
                catalog: SchemaCatalog(contracts: contracts, place: "the registry at \(client.name)"),
                denied: NegativeCache(first: first, longest: longest)))
        self.complain = complain
    }

    /// Nothing but the contracts at first.
    public var catalog: SchemaCatalog { state.withLock { $0.catalog } }

    public func ask(_ names: [WireSchema]) -> SchemaAnswer {
        // One question at a time: a second worker that asks the same finds the answer here.
        state.withLock { state in
            var unknown: [WireSchema] = []
            var failure: String?
            for name in names where state.catalog.meaning(of: name) == nil {
                if state.denied.holds(name, at: .now) {
                    unknown.append(name)
                    continue
                }
                // If the registry is away, the next name will not reach it either.
                if failure == nil { failure = find(name, &state, &unknown) }
                if failure != nil, let text = disk?.text(of: name.description) {
                    state.catalog.learn(name, meaning(of: name, text))
                }
            }
            let isOpen = names.contains { state.catalog.meaning(of: $0) == nil && !unknown.contains($0) }
            return SchemaAnswer(catalog: state.catalog, unknown: unknown, failure: isOpen ? failure : nil)
        }
    }

    /// - Returns: why it could not be found out.
    private func find(_ name: WireSchema, _ state: inout State, _ unknown: inout [WireSchema]) -> String? {
        do throws(RegistryError) {
            let content =
                switch name {
                case .id(let id): try client.schema(id: id)
                case .guid(let guid): try client.schema(guid: guid)
                }
            guard content.type == "AVRO" else {
                state.catalog.learn(name, .unusable("\(name) is of type \(content.type), not Avro"))
                return nil
            }
            let text = try client.wholeText(of: content)
            state.denied.forget(name)
            state.catalog.learn(name, meaning(of: name, text))
            if let trouble = disk?.write(text, of: name.description) {
                complain("schemas are not kept on disk: \(trouble)")
            }
            return nil
        } catch {
            switch error.kind {
            case .absent where error.code == RegistryError.Code.schemaNotFound:
                state.denied.deny(name, at: .now)
                unknown.append(name)
                return nil
            case .invalid:
                state.catalog.learn(name, .unusable("\(name): \(error.message)"))
                return nil
            default: return error.description
            }
        }
    }

    private func meaning(of name: WireSchema, _ text: String) -> SchemaCatalog.Meaning {
        do throws(SchemaError) {
            let schema = try AvroSchema(parsing: text, source: name.description)
            var id: Int32 = 0
            if case .id(let number) = name { id = number }
            return .schema(SchemaFolder.Entry(id: id, subject: name.description, version: 0, schema: schema))
        } catch {
            return .unusable(error.message)
        }
    }
}
