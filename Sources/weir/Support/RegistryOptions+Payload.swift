// The schema of one payload, for commands that show or mend single records.

import WeirAvro
import WeirRegistry

extension RegistryOptions {
    /// The folder's schemas; with a registry, only what the payload's id means there, as if a folder held it.
    func schemas(for payload: [UInt8]?, folder path: String) throws -> SchemaFolder {
        guard let client = try client() else { return try SchemaFolder(path: path) }
        let nothing = SchemaFolder(path: client.name, entries: [])
        guard let payload, let id = ConfluentFrame(parsing: payload.span.bytes)?.schemaID else { return nothing }
        let source = RegistrySource(
            client, contracts: nothing, cacheFolder: cacheFolder, first: .zero, longest: .zero
        ) { complain("weir: \($0)") }
        let answer = source.ask([.id(id)])
        if let failure = answer.failure { complain("weir: \(failure)") }
        guard case .schema(let entry) = answer.catalog?.meaning(of: .id(id)) else { return nothing }
        return SchemaFolder(path: client.name, entries: [entry])
    }
}
