// weir demo: the whole job in one command, with a worker killed in the middle and the result proven at the end.

import ArgumentParser
import Foundation
import Synchronization
import WeirAvro
import WeirBench
import WeirCore
import WeirPostgres
import WeirRuntime

struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Meter generated events for a minute or two, kill a worker on the way, and check every number.",
        discussion: """
            Starts a broker and a PostgreSQL of its own, both thrown away afterwards; with WEIR_BROKERS or \
            WEIR_POSTGRES it uses those, with fresh topics and a fresh database. Exits with 70 if one number is wrong.
            """)

    @Option(help: "Events to generate.") var events = 1_000_000
    @Option(help: "Events a second.") var rate = 20_000.0
    @Option(help: "Seed of the generator.") var seed: UInt64 = 7
    @Option(help: "Share of events that repeat an earlier one.") var repeats = 0.05
    @Option(help: "Share of events that are up to 30 minutes late.") var late = 0.01
    @Option(help: "Share of records that must become dead letters.") var poison = 0.0005
    @Option(help: "Share of records with a known key and another content.") var conflicts = 0.0002
    @Option(help: "Topology to run.") var topology = "topologies/billing-usage.yaml"
    @Option(help: "Folder of the Avro contracts.") var schemas = "schemas"
    @Option(help: "Folder of the migrations.") var migrations = "deploy/postgres/migrations"
    @Flag(help: "Leave the servers and workers running at the end until Ctrl-C, to look around.") var hold = false
    @Option(
        help: ArgumentHelp("Let worker 1 serve the console here, as `weir run --console` does.", valueName: "host:port")
    )
    var console: String?
    @OptionGroup var kafka: KafkaOptions
    @OptionGroup var database: PostgresOptions

    func validate() throws {
        guard events > 0 else { throw ValidationError("--events takes a positive number") }
        if let console, ListenAddress(console).map({ $0.port > 0 }) != true {
            throw ValidationError("--console takes host:port or :port, as in --console :8080")
        }
        guard rate > 0 else { throw ValidationError("--rate takes a positive number") }
    }

    func run() throws {
        Signals.block()
        let demo = try Demo(options: self)
        do {
            try demo.run()
            demo.stop()
        } catch {
            demo.stop()
            throw error
        }
    }
}
