// Options that several commands share: which servers to talk to.

import ArgumentParser
import Foundation
import WeirCore
import WeirKafka

let weirVersion = "0.1.0"

struct KafkaOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Kafka brokers; $WEIR_BROKERS if not given.", valueName: "host:port,…"))
    var brokers: String?

    @Option(
        name: .customLong("kafka"),
        help: ArgumentHelp(
            "A librdkafka setting (its CONFIGURATION.md lists them); may be repeated.", valueName: "name=value"))
    var settings: [String] = []

    func optionalBrokers() -> String? { given(brokers, or: "WEIR_BROKERS") }

    func requiredBrokers() throws -> String {
        guard let brokers = optionalBrokers() else {
            throw WeirError(
                .usage, "no Kafka brokers given",
                advice: "Use --brokers host:port or set WEIR_BROKERS; `weir broker` starts one for development.")
        }
        return brokers
    }

    func pairs() throws -> [(name: String, value: String)] { try Self.pairs(settings, "--kafka", .usage) }

    /// Mistakes are told before anything starts, and the same way by every command.
    ///
    /// - Parameters:
    ///   - place: where the settings stand, in words.
    ///   - status: of a command that ends for a mistake in that place.
    static func pairs(
        _ settings: [String], _ place: String, _ status: ExitStatus
    ) throws(WeirError) -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        for setting in settings {
            guard let equals = setting.firstIndex(of: "="), equals > setting.startIndex else {
                throw WeirError(
                    status, "\(place) \(setting): expected name=value, as in \(place) security.protocol=ssl")
            }
            let pair = (name: String(setting[..<equals]), value: String(setting[setting.index(after: equals)...]))
            do {
                try Kafka.check(pair)
            } catch {
                throw WeirError(
                    status, "\(place) \(setting): \(error.message)",
                    advice: "librdkafka's CONFIGURATION.md lists the settings.")
            }
            pairs.append(pair)
        }
        return pairs
    }
}

struct PostgresOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "PostgreSQL, as `host=… dbname=…` or postgresql://…; $WEIR_POSTGRES if not given.",
            valueName: "connection"))
    var postgres: String?

    func optionalConnection() -> String? { given(postgres, or: "WEIR_POSTGRES") }

    func requiredConnection() throws -> String {
        guard let connection = optionalConnection() else {
            throw WeirError(
                .usage, "no PostgreSQL given",
                advice: "Use --postgres or set WEIR_POSTGRES; `weir postgres` starts a throw-away server.")
        }
        return connection
    }
}

/// The option's value, or the environment's; an empty one is none.
func given(_ option: String?, or variable: String) -> String? {
    let value = option ?? ProcessInfo.processInfo.environment[variable]
    return value?.isEmpty == true ? nil : value
}
