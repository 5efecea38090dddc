// Where a command's schemas come from: the folder, or a registry with the folder's contracts in front.

import Foundation
import Logging
import WeirAvro
import WeirCore
import WeirRegistry
import WeirRuntime

/// The contracts that topologies are checked against, and whoever says what ids mean.
///
/// With a registry, ids are the registry's alone. A contract is the folder's newest version, if the folder has the
/// subject, else the registry's newest.
struct SchemaOrigin {
    let contracts: SchemaFolder
    let catalog: SchemaCatalog
    let source: any SchemaSource
    private let desk: RegistryDesk?
    private let strategy: SubjectNameStrategy

    /// - Parameters:
    ///   - topologies: files whose subjects the registry is asked for, if the folder does not have them.
    ///   - remembers: what the registry said before counts while it does not answer; a check wants to know that it does.
    init(
        folder path: String, registry options: RegistryOptions, topologies: [String], remembers: Bool = true,
        logger: Logger
    ) throws(WeirError) {
        strategy = options.subjectNames
        guard let client = try options.client() else {
            contracts = try SchemaFolder(path: path)
            catalog = SchemaCatalog(contracts)
            source = FolderSource(path: path)
            desk = nil
            return
        }
        let cacheFolder = remembers ? options.cacheFolder : nil
        let desk = RegistryDesk(client, cacheFolder: cacheFolder)
        let hasFolder = FileManager.default.fileExists(atPath: path)
        let folder = hasFolder ? try SchemaFolder(path: path) : SchemaFolder(path: path, entries: [])
        var others: [SchemaFolder.Entry] = []
        var wait = RetryPolicy(first: .seconds(1), longest: .seconds(10))
        for file in topologies {
            let topology = try TopologyFile.read(file).topology
            wait = RetryPolicy(
                first: min(wait.first, topology.retries.schema.first),
                longest: min(wait.longest, topology.retries.schema.longest))
            let results = topology.outputs.topic.map { [($0, topology.outputs.schema)] } ?? []
            let lag = topology.outputs.lag.map { [($0, Outputs.lagSchema)] } ?? []
            for (topic, name) in topology.sources.map({ ($0.topic, $0.schema) }) + results + lag
            where folder.latest(subject: name) == nil && !others.contains(where: { $0.subject == name }) {
                let subject = options.subjectNames.subject(topic: topic, record: name)
                if let entry = try desk.newest(of: subject, as: name) { others.append(entry) }
            }
        }
        contracts = SchemaFolder(
            path: "\(path) or the registry at \(client.name)", entries: folder.entries + others)
        let source = RegistrySource(
            client, contracts: contracts, cacheFolder: cacheFolder,
            first: .microseconds(wait.first.microseconds),
            longest: .microseconds(wait.longest.microseconds)
        ) { words in logger.warning("\(words)") }
        catalog = source.catalog
        self.source = source
        self.desk = desk
    }

    /// Id of the messages that a topology publishes; 0 if it publishes none.
    ///
    /// - Parameter registers: a registry that does not have their contract gets it; without, the id is 0 then.
    func outputID(_ topology: Topology, registers: Bool) throws(WeirError) -> Int32 {
        try id(of: topology.outputs.schema, for: topology.outputs.topic, registers)
    }

    /// Id of its lag reports; 0 if nobody is told.
    func lagID(_ topology: Topology, registers: Bool) throws(WeirError) -> Int32 {
        try id(of: Outputs.lagSchema, for: topology.outputs.lag, registers)
    }

    private func id(of name: String, for topic: String?, _ registers: Bool) throws(WeirError) -> Int32 {
        guard let topic, let contract = contracts.latest(subject: name) else { return 0 }
        guard let desk else { return contract.id }
        let record = contract.schema[contract.schema.root].name ?? contract.subject
        return try desk.id(
            of: contract.schema, in: strategy.subject(topic: topic, record: record), registers: registers)
    }
}
