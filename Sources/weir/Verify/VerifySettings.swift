// What a campaign goes by, every default filled in.

import Foundation
import WeirBench
import WeirCore
import WeirRuntime

struct VerifySettings {
    let command: VerifyCommand
    let seed: UInt64
    let session: TimeSpan
    /// Seconds.
    let patience: Double
    let isOwnBroker: Bool
    let isOwnPostgres: Bool

    init(_ command: VerifyCommand, seed: UInt64) {
        self.command = command
        self.seed = seed
        isOwnBroker = command.kafka.optionalBrokers() == nil
        isOwnPostgres = command.database.optionalConnection() == nil
        session =
            command.sessionTimeout.flatMap(TimeSpan.init(parsing:))
            ?? TimeSpan(microseconds: isOwnBroker ? 4_000_000 : 6_000_000)
        patience = Double(TimeSpan(parsing: command.patience)?.microseconds ?? 90_000_000) / 1e6
    }

    var schedule: FaultSchedule {
        var others: [FaultKind] = command.onlyKills ? [] : [.freeze, .restart, .cut]
        if !command.onlyKills, isOwnPostgres { others.append(.crash) }
        if !command.onlyKills, isOwnBroker { others.append(.refuse) }
        return FaultSchedule(
            seed: seed, kills: command.kills, others: others, session: Double(session.microseconds) / 1e6)
    }

    /// More events than the campaign will need, spread so that they fill many windows, the first of them closed.
    func generator(_ topology: Topology) -> GeneratorOptions {
        var options = GeneratorOptions(now: Timestamp(microseconds: WallClock.now()))
        // A minute for every fault: the run is stopped when the last one is over.
        options.events = Int(command.rate * 60) * (schedule.faults.count + 2)
        options.rate = command.rate
        options.seed = seed
        options.repeats = command.repeats
        options.late = command.late
        options.conflicts = command.conflicts
        options.poison = command.poison
        let grace = topology.sources.map(\.time.grace.microseconds).max() ?? 0
        options.span = TimeSpan(microseconds: grace + 2 * 3_600_000_000)
        return options
    }

    var plan: Field.Plan {
        Field.Plan(
            purpose: "verify", topology: command.topology, schemas: command.schemas, migrations: command.migrations,
            kafka: command.kafka, database: command.database, partitions: command.partitions)
    }

    /// The command that repeats the campaign.
    var commandLine: String {
        var words = ["weir verify --kills \(command.kills) --workers \(command.workers) --seed \(seed)"]
        words.append("--rate \(Int(command.rate)) --session-timeout \(session)")
        if command.onlyKills { words.append("--only-kills") }
        if command.topology != "topologies/billing-usage.yaml" { words.append("--topology \(command.topology)") }
        if command.schemas != "schemas" { words.append("--schemas \(command.schemas)") }
        if command.migrations != "deploy/postgres/migrations" { words.append("--migrations \(command.migrations)") }
        if command.partitions != 4 { words.append("--partitions \(command.partitions)") }
        return words.joined(separator: " ")
    }
}
