// A topology file against its contracts: everything that can be known without a server.

internal import Foundation
public import WeirAvro
public import WeirCore
internal import WeirObserve

extension TopologyFile {
    /// Reads a topology, without looking at schemas.
    public static func read(_ file: String) throws(WeirError) -> LoadedTopology {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw WeirError(
                .badData, "cannot read \(file)", advice: "Name a topology file, such as topologies/billing-usage.yaml.")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw WeirError(.badData, "\(file) is not UTF-8 text")
        }
        do {
            return try load(text, file: file)
        } catch {
            throw error.weirError
        }
    }
}

public enum TopologyLoading {
    /// Reads a topology and checks every field it names against the schemas.
    ///
    /// - Throws: `WeirError(.badData)` that lists every mistake with file, line and column.
    public static func load(file: String, schemas: SchemaFolder) throws(WeirError) -> LoadedTopology {
        let loaded = try TopologyFile.read(file)
        let mistakes = mistakes(in: loaded, schemas: schemas)
        if !mistakes.isEmpty { throw ConfigMistakes(mistakes.sorted { $0.position < $1.position }).weirError }
        return loaded
    }

    private static func mistakes(in loaded: LoadedTopology, schemas: SchemaFolder) -> [ConfigMistake] {
        var mistakes: [ConfigMistake] = []
        let topology = loaded.topology
        for source in topology.sources {
            guard let latest = schemas.latest(subject: source.schema) else {
                mistakes.append(
                    loaded.mistake(
                        at: .schema(source: source.topic), "there is no schema '\(source.schema)' in \(schemas.path)",
                        expected: known(schemas)))
                continue
            }
            for use in loaded.fieldUses where use.source == source.topic {
                if let problem = latest.schema.problem(with: use.request) {
                    mistakes.append(loaded.mistake(at: use, problem))
                } else if isStoredAsText(use.request.path, of: source, in: topology),
                    let type = latest.schema.type(at: use.request.path), isRawBytes(type.kind)
                {
                    mistakes.append(
                        loaded.mistake(
                            at: use, "'\(use.request.path)' holds raw bytes",
                            expected: "a string, enum, boolean or whole number, because it becomes text in the database"
                        ))
                }
            }
        }
        func expect(_ subject: String, at part: TopologyPart, _ fields: [String], of messages: String) {
            guard let latest = schemas.latest(subject: subject) else {
                return mistakes.append(
                    loaded.mistake(
                        at: part, "there is no schema '\(subject)' in \(schemas.path)", expected: known(schemas)))
            }
            guard latest.schema.fieldNames(under: []) != fields else { return }
            mistakes.append(
                loaded.mistake(
                    at: part, "'\(subject)' is not the contract of \(messages)",
                    expected: "the fields \(fields.joined(separator: ", "))"))
        }
        if topology.outputs.topic != nil {
            expect(topology.outputs.schema, at: .outputSchema, UsageRow.contract, of: "usage messages")
        }
        if topology.outputs.lag != nil {
            expect(Outputs.lagSchema, at: .outputLag, LagReport.contract, of: "lag reports")
        }
        return mistakes
    }

    private static func known(_ schemas: SchemaFolder) -> String {
        schemas.subjects.isEmpty ? "the folder holds none" : "one of " + schemas.subjects.joined(separator: ", ")
    }

    private static func isRawBytes(_ kind: AvroSchema.Kind) -> Bool {
        switch kind {
        case .bytes, .fixed: true
        default: false
        }
    }

    private static func isStoredAsText(_ path: FieldPath, of source: Source, in topology: Topology) -> Bool {
        path == source.organisation
            || topology.meters.contains { $0.source == source.topic && $0.groupBy.contains(path) }
    }
}
