// weir run: the workers of one or more topologies, until they are told to stop.

import ArgumentParser
import Foundation
import Logging
import Tracing
import WeirCore
import WeirHTTP
import WeirKafka
import WeirRuntime
import WeirTelemetry

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run topologies until SIGTERM or SIGINT.",
        discussion: """
            Joins the consumer group of each topology, meters what arrives and commits results, keys, dead letters \
            and offsets in one PostgreSQL transaction. On SIGTERM it commits what it has read, leaves the group and \
            exits with 0; a second signal ends it at once, which loses nothing either.
            """)

    @OptionGroup var topologies: TopologyOptions
    @OptionGroup var kafka: KafkaOptions
    @OptionGroup var database: PostgresOptions
    @OptionGroup var registry: RegistryOptions
    @OptionGroup var console: ConsoleOptions
    @OptionGroup var telemetry: TelemetryOptions

    @Option(help: "Workers (threads) per topology; each is a member of the consumer group.")
    var workers = 1

    @Option(help: ArgumentHelp("Write a line of JSON about counts and lag this often: 1s, 10s.", valueName: "time"))
    var reportEvery: String?

    @Flag(help: "Stop as on SIGTERM when standard input ends: with a pipe, when whoever holds its other end is gone.")
    var stopAtEof = false

    func validate() throws {
        guard (1...64).contains(workers) else { throw ValidationError("--workers takes a number from 1 to 64") }
        if let reportEvery, TimeSpan(parsing: reportEvery) == nil || TimeSpan(parsing: reportEvery)?.microseconds == 0 {
            throw ValidationError("--report-every takes a time with a unit: 1s, 500ms")
        }
    }

    func run() throws {
        Signals.block()
        let collected = try telemetry.start()
        defer { collected?.stop() }
        let observatory = collected != nil || console.console != nil ? console.observatory() : nil
        let logger = telemetry.bootstrap(collected, observatory?.facade)
        if let observatory, let collected {
            observatory.exports { collected.counts }
            collected.measure { observatory.page }
        }
        let brokers = try kafka.requiredBrokers()
        let postgres = try database.requiredConnection()
        let settings = try kafka.pairs()
        // First of all, so that a start that waits can be seen to wait.
        let server = try observatory.flatMap { observatory in
            try console.open(observatory, postgres: postgres) { [registry, folder = topologies.schemas] payload in
                try? registry.schemas(for: payload, folder: folder)
            }
        }
        defer { server?.stop() }
        if let server {
            logger.info("console, metrics and health are served", metadata: ["address": "\(server.address)"])
        }
        let started = try withSpan("weir.start") { _ in
            try start(brokers, settings, postgres: postgres, collected, observatory, logger)
        }
        guard let started else { return logger.info("stopped before it started") }
        try wait(for: started, logger) { observatory?.drains() }
        logger.info("stopped")
    }

    /// - Returns: nil if it was stopped before.
    private func start(
        _ brokers: String, _ settings: [(String, String)], postgres: String, _ collected: Telemetry?,
        _ observatory: Observatory?, _ logger: Logger
    ) throws -> [(name: String, supervisor: Supervisor)]? {
        var supervisors: [(name: String, supervisor: Supervisor)] = []
        let servers = ServerWait(logger) { observatory?.starts($0) }
        let origin = try servers.untilAvailable { () throws(WeirError) in
            try SchemaOrigin(
                folder: topologies.schemas, registry: registry, topologies: topologies.files, logger: logger)
        }
        guard let origin else { return nil }
        for (loaded, _) in try topologies.load(against: origin.contracts) {
            let start = try servers.untilAvailable { () throws(WeirError) in
                let job = try JobBuilder.job(loaded, origin, brokers: brokers, postgres: postgres, settings: settings)
                try ServerChecks.database(job, claim: true)
                let topics = try ServerChecks.topics(job)
                return (
                    job: job, topics: topics, changes: try ServerChecks.repartitioned(job, topics),
                    secret: try ServerChecks.secret(job)
                )
            }
            guard let (job, topics, changes, secret) = start else { return nil }
            for change in changes {
                logger.warning(
                    "a topic has more partitions than before: repeats of events from before the change will count again",
                    metadata: ["topic": "\(change.topic)", "before": "\(change.before)", "now": "\(change.now)"])
            }
            for (topic, partitions) in topics where partitions == nil {
                logger.warning(
                    topic == job.topology.outputs.lag
                        ? "the topic for lag reports is missing; minutes that nobody could report read as bad"
                        : "a topic to publish to is missing; results wait in weir.outbox until it is there",
                    metadata: ["topic": "\(topic)"])
            }
            supervisors.append(
                (
                    job.topology.name,
                    Supervisor(job: job, secret: secret, workers: workers, spans: collected, logger: logger)
                ))
        }
        logger.info(
            "starting",
            metadata: [
                "weir": "\(weirVersion)", "librdkafka": "\(Kafka.libraryVersion)", "brokers": "\(brokers)",
                "topologies": "\(supervisors.map(\.name).joined(separator: " "))", "workers": "\(workers)",
            ])
        for entry in supervisors { entry.supervisor.start(watched: observatory != nil) }
        observatory?.runs(supervisors.map(\.supervisor))
        return supervisors
    }

    /// - Parameter ending: called when the workers were told to stop.
    private func wait(
        for supervisors: [(name: String, supervisor: Supervisor)], _ logger: Logger, ending: () -> Void
    ) throws {
        let interval = reportEvery.flatMap(TimeSpan.init(parsing:))?.microseconds
        var nextReport = WallClock.monotonic() + (interval ?? 0)
        var asked = false
        while supervisors.contains(where: \.supervisor.isRunning) {
            if stopAtEof, !asked, StandardInput.hasEnded {
                asked = true
                logger.info("stopping", metadata: ["reason": "standard input ended"])
                ending()
                for entry in supervisors { entry.supervisor.stop() }
            }
            if let signal = Signals.wait(milliseconds: asked ? 50 : 500) {
                // A terminal that is closed may tell it twice, once itself and once through the shell.
                if asked, signal == SIGHUP { continue }
                if asked {
                    throw WeirError(.unavailable, "ended by a second signal before the last commit was done")
                }
                asked = true
                logger.info("stopping", metadata: ["signal": "\(signal)"])
                ending()
                for entry in supervisors { entry.supervisor.stop() }
            }
            // One topology that fails takes the process with it: half a job is harder to notice than none.
            if !asked, supervisors.contains(where: { $0.supervisor.error != nil }) {
                asked = true
                ending()
                for entry in supervisors { entry.supervisor.stop() }
            }
            if let interval, WallClock.monotonic() >= nextReport {
                nextReport += interval
                for entry in supervisors { report(entry.name, entry.supervisor) }
            }
        }
        if interval != nil { for entry in supervisors { report(entry.name, entry.supervisor) } }
        for entry in supervisors {
            guard let error = entry.supervisor.error else { continue }
            if let error = error as? WeirError { throw error }
            throw WeirError(.unavailable, "\(entry.name): \(error)")
        }
    }

    private func report(_ name: String, _ supervisor: Supervisor) {
        let report = RunReport(
            time: Timestamp(microseconds: WallClock.now()).description, topology: name,
            supervisor.statuses.map { $0.takeLag() })
        if let data = try? JSONEncoder().encode(report) { say(String(decoding: data, as: UTF8.self)) }
    }
}
