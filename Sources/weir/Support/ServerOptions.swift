// Options that several commands share: which servers to talk to.

import ArgumentParser
import Foundation
import WeirCore

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

    func pairs() throws -> [(name: String, value: String)] {
        try settings.map { setting in
            guard let equals = setting.firstIndex(of: "="), equals > setting.startIndex else {
                throw WeirError(.usage, "--kafka \(setting): expected name=value, as in --kafka security.protocol=ssl")
            }
            return (String(setting[..<equals]), String(setting[setting.index(after: equals)...]))
        }
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
