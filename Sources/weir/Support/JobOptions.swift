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
        let folder = try SchemaFolder(path: schemas)
        return try files.map { (try TopologyLoading.load(file: $0, schemas: folder), folder) }
    }
}

enum JobBuilder {
    /// A job for a loaded topology; an empty address stands for a server that is not used.
    static func job(
        _ loaded: LoadedTopology, _ schemas: SchemaFolder, brokers: String, postgres: String,
        settings: [(name: String, value: String)]
    ) -> Job {
        Job(
            topology: loaded.topology, schemas: schemas,
            outputSchemaID: schemas.latest(subject: loaded.topology.outputs.schema)?.id ?? 0, brokers: brokers,
            postgres: postgres, kafkaSettings: settings.map { Job.KafkaSetting(name: $0.name, value: $0.value) },
            host: ProcessInfo.processInfo.hostName, processID: ProcessInfo.processInfo.processIdentifier)
    }
}
