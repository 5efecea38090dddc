// `weir migrate`: brings a database to the schema that this Weir was built for.

import ArgumentParser
import WeirCore
import WeirPostgres

struct MigrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Creates or updates Weir's tables, views and roles in PostgreSQL.",
        discussion: """
            Runs what has not run yet, each file in a transaction of its own, forward only. Running it again, or \
            several at once, is safe. Whoever runs it needs to own the database and, the first time on a server, \
            the right to create roles (CREATEROLE) or a superuser who made them: weir_writer, analyst, weir_admin, \
            weir_views (of which the migrating role must be a member).
            """
    )

    @OptionGroup var server: PostgresOptions

    @Option(help: ArgumentHelp("Folder of numbered SQL files.", valueName: "folder"))
    var migrations = "deploy/postgres/migrations"

    func run() throws {
        let connectionString = try server.requiredConnection()
        let files = try Migration.load(folder: migrations)
        guard !files.isEmpty else { throw WeirError(.badData, "\(migrations) holds no migrations") }
        let ran: [String]
        do {
            ran = try Migrator(PostgresConnection(connectionString, applicationName: "weir migrate")).migrate(files)
        } catch let error as PostgresError {
            throw WeirError(error.isPermanent ? .badData : .unavailable, error.description)
        }
        for name in ran { say("ran \(name)") }
        say(ran.isEmpty ? "already up to date (\(files.count))" : "up to date (\(files.count))")
    }
}
