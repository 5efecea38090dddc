// weir check: everything that can be wrong with a topology, before it runs.

import ArgumentParser
import Logging
import WeirAvro
import WeirCore
import WeirRuntime

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check topologies, their schemas and, where servers are given, their topics and tables.",
        discussion: "Exits with 65 and says file, line and what was expected if something is wrong.")

    @OptionGroup var topologies: TopologyOptions
    @OptionGroup var kafka: KafkaOptions
    @OptionGroup var database: PostgresOptions
    @OptionGroup var registry: RegistryOptions

    func run() throws {
        let origin = try SchemaOrigin(
            folder: topologies.schemas, registry: registry, topologies: topologies.files, remembers: false,
            logger: LineLog.logger(.warning))
        for (loaded, schemas) in try topologies.load(against: origin.contracts) {
            let topology = loaded.topology
            let job = try JobBuilder.job(
                loaded, origin, registers: false, brokers: kafka.optionalBrokers() ?? "",
                postgres: database.optionalConnection() ?? "",
                settings: try kafka.pairs())
            say("\(loaded.file): topology \(topology.name), version \(topology.version)")
            for source in topology.sources {
                let versions = schemas.versions(subject: source.schema).map { String($0.version) }
                say("  reads \(source.topic) (schema \(source.schema), versions \(versions.joined(separator: ", ")))")
            }
            let contracts = TopologyContracts(loaded, schemas: schemas)
            if !contracts.mistakes.isEmpty { throw ConfigMistakes(contracts.mistakes).weirError }
            for use in loaded.fieldUses {
                guard let source = topology.sources.first(where: { $0.topic == use.source }),
                    schemas.latest(subject: source.schema)?.schema.type(at: use.request.path)?.isOptional == true,
                    !use.role.hasPrefix("group"), use.request.use != .extent
                else { continue }
                say("  note: \(use.request.path), \(use.role), may be null: such records become dead letters")
            }
            for meter in topology.meters { say("  meters \(meter.name): \(meter.definition)") }
            say("  writes \(topology.outputs.table)" + (topology.outputs.topic.map { " and topic \($0)" } ?? ""))
            if let lag = topology.outputs.lag { say("  tells its lag to \(lag): \(topology.objective)") }
            if kafka.optionalBrokers() != nil {
                for (topic, partitions) in try ServerChecks.topics(job) {
                    if let partitions {
                        say("  topic \(topic) is there with \(partitions) partitions")
                    } else {
                        say("  topic \(topic) is missing: create it, unless the brokers create topics by themselves")
                    }
                }
            }
            if database.optionalConnection() != nil {
                try ServerChecks.database(job, claim: false)
                say("  table \(topology.outputs.table) is there, and its meters are free or this topology's own")
            }
        }
        say("no mistakes found")
    }
}
