// Options that name a topology and what it needs, and how they become a job.

import ArgumentParser
import Foundation
import WeirAvro
import WeirCore
import WeirRuntime

struct TopologyOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("Topology files.", valueName: "file"))
    var files: [String]

    @Option(help: ArgumentHelp("Folder of the Avro contracts.", valueName: "folder"))
    var schemas = "schemas"

    func load() throws -> [(loaded: LoadedTopology, schemas: SchemaFolder)] {
        try load(against: try SchemaFolder(path: schemas))
    }

    func load(against folder: SchemaFolder) throws -> [(loaded: LoadedTopology, schemas: SchemaFolder)] {
        try files.map { (try TopologyLoading.load(file: $0, schemas: folder), folder) }
    }
}

enum JobBuilder {
    /// A job for a loaded topology; an empty address stands for a server that is not used.
    ///
    /// - Parameter registers: a registry that lacks the contract of what is published gets it.
    static func job(
        _ loaded: LoadedTopology, _ origin: SchemaOrigin, registers: Bool = true, brokers: String, postgres: String,
        settings: [(name: String, value: String)]
    ) throws(WeirError) -> Job {
        Job(
            topology: loaded.topology, catalog: origin.catalog, schemaSource: origin.source,
            outputSchemaID: try origin.outputID(loaded.topology, registers: registers),
            lagSchemaID: try origin.lagID(loaded.topology, registers: registers), brokers: brokers, postgres: postgres,
            kafkaSettings: settings.map { Job.KafkaSetting(name: $0.name, value: $0.value) },
            host: ProcessInfo.processInfo.hostName, processID: ProcessInfo.processInfo.processIdentifier)
    }
}
