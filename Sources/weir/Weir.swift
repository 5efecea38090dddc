// The command line's root: its subcommands, and how failures become exit codes.

import ArgumentParser
import Foundation
import WeirCore
import WeirKafka
import WeirPostgres

@main
struct Weir: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weir",
        abstract: "Meters usage from Kafka topics into PostgreSQL and billing.usage.v1, exactly once in effect.",
        discussion: """
            Exit codes: 0 done, 64 wrong usage, 65 bad data or configuration, 69 a server is not available, \
            70 a bug in Weir.
            """,
        version: weirVersion,
        subcommands: [
            CheckCommand.self, RunCommand.self, MigrateCommand.self, BrokerCommand.self, PostgresCommand.self,
            GenerateCommand.self, SchemaCommand.self, RegistryCommand.self, DlqCommand.self, DemoCommand.self,
            VerifyCommand.self, LagCommand.self, TopCommand.self, BenchCommand.self,
        ]
    )

    static func main() {
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let error as WeirError {
            end(error)
        } catch let error as KafkaError {
            // Whoever knows more about it has said so before.
            guard error.isConfiguration else { end(WeirError(.unavailable, "\(error)")) }
            let advice = "librdkafka's CONFIGURATION.md lists the settings."
            end(WeirError(.usage, "--kafka: \(error.message)", advice: advice))
        } catch let error as PostgresError {
            end(WeirError(.unavailable, "\(error)"))
        } catch {
            exit(withError: error)
        }
    }

    private static func end(_ error: WeirError) -> Never {
        complain("weir: \(error)")
        Foundation.exit(error.status.rawValue)
    }
}
