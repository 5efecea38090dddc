// weir verify: kills workers at random moments, and counts what is lost or double at the end.

import ArgumentParser
import Foundation
import WeirBench
import WeirCore

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Kill workers at random moments, and count what is lost or billed twice.",
        discussion: """
            Sends events at a steady rate, runs workers, and disturbs them until so many are killed: SIGKILL, SIGSTOP \
            past the session time-out, SIGTERM, and cut database sessions; of its own servers it also crashes \
            PostgreSQL and lets the broker refuse requests. At the end it compares every result with what the events \
            demand, and prints "N events, K kills, 0 lost, 0 double".

            Starts a broker and a PostgreSQL of its own; with WEIR_BROKERS or WEIR_POSTGRES it uses those, with \
            topics and a database of its own there, and touches nothing else. docs/verify.md says more.

            Exits with 0 if everything is exact, with 70 if anything is wrong or stands still.
            """)

    @Option(help: "SIGKILLs until it is over; other faults come in proportion.") var kills = 20
    @Option(help: "Worker processes.") var workers = 3
    @Option(help: "Seed of the events and of the faults; drawn if not given.") var seed: UInt64?
    @Option(help: "Events a second.") var rate = 2_000.0
    @Flag(help: "SIGKILLs and no other faults.") var onlyKills = false
    @Option(
        help: ArgumentHelp(
            "The group's session time-out. Default: 4s on its own broker, 6s on yours, the least most brokers allow.",
            valueName: "time"))
    var sessionTimeout: String?
    @Option(
        help: ArgumentHelp("What does not recover for so long stands still, and ends the run.", valueName: "time"))
    var patience = "90s"
    @Option(help: "Share of events that repeat an earlier one.") var repeats = 0.05
    @Option(help: "Share of events that are up to 30 minutes late.") var late = 0.01
    @Option(help: "Share of records that must become dead letters.") var poison = 0.002
    @Option(help: "Share of records with a known key and another content.") var conflicts = 0.001
    @Option(help: "Topology to run.") var topology = "topologies/billing-usage.yaml"
    @Option(help: "Folder of the Avro contracts.") var schemas = "schemas"
    @Option(help: "Folder of the migrations.") var migrations = "deploy/postgres/migrations"
    @Option(help: "Partitions of each topic that it makes.") var partitions = 4
    @Option(help: ArgumentHelp("Write a report, as Markdown or JSON.", valueName: "file.md|file.json"))
    var report: String?
    @Flag(help: "Keep the database made on your server, and the workers' logs.") var keep = false
    @Flag(help: "Delete the topics made on your broker.") var deleteTopics = false
    @OptionGroup var kafka: KafkaOptions
    @OptionGroup var database: PostgresOptions

    /// The mock broker lets the members of a new group wait for 3 s, and forgets those whose session ends meanwhile:
    /// they wait for five minutes more.
    private static let leastOwnSession: Int64 = 3_500_000

    func validate() throws {
        guard (1...100_000).contains(kills) else { throw ValidationError("--kills takes a number from 1 to 100000") }
        guard (1...64).contains(workers) else { throw ValidationError("--workers takes a number from 1 to 64") }
        guard rate >= 1, rate.isFinite else { throw ValidationError("--rate takes a number from 1 on") }
        guard (1...1000).contains(partitions) else {
            throw ValidationError("--partitions takes a number from 1 to 1000")
        }
        if let sessionTimeout {
            guard let time = TimeSpan(parsing: sessionTimeout), time.microseconds >= 1_000_000 else {
                throw ValidationError("--session-timeout takes a time of 1s or more: 4s, 10s")
            }
            guard kafka.optionalBrokers() != nil || time.microseconds >= Self.leastOwnSession else {
                throw ValidationError("--session-timeout takes 3500ms or more with weir's own broker")
            }
        }
        guard let time = TimeSpan(parsing: patience), time.microseconds >= 1_000_000 else {
            throw ValidationError("--patience takes a time of 1s or more: 90s, 5m")
        }
        for (name, share) in [("repeats", repeats), ("late", late), ("poison", poison), ("conflicts", conflicts)] {
            guard (0...1).contains(share) else { throw ValidationError("--\(name) takes a share from 0 to 1") }
        }
        guard repeats + poison + conflicts < 1 else {
            throw ValidationError("--repeats, --conflicts and --poison together leave no new events")
        }
        if let report, !report.hasSuffix(".md"), !report.hasSuffix(".json") {
            throw ValidationError("--report takes a file that ends in .md or .json")
        }
    }

    func run() throws {
        Signals.block()
        if let report {
            // Not after a quarter of an hour.
            let folder = URL(filePath: report).deletingLastPathComponent().path
            guard FileManager.default.isWritableFile(atPath: folder) else {
                throw WeirError(.usage, "--report \(report): cannot write to \(folder)")
            }
        }
        let settings = VerifySettings(self, seed: seed ?? .random(in: 1...999_999))
        let verify = try Verify(settings)
        do {
            try verify.run()
            verify.stop()
        } catch {
            verify.stop()
            throw error
        }
    }
}
