// weir dlq: looks at dead letters and sends them again.

import ArgumentParser
import WeirCore
import WeirPostgres

struct DlqCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dlq",
        abstract: "Look at dead letters, mend them and send them again.",
        discussion: """
            Works on the table weir.dead_letter, which holds every record whole. A dead letter is waiting, replayed, \
            or in quarantine because it was replayed too often. docs/dead-letters.md has the reasons and what to do.
            """,
        subcommands: [
            DlqListCommand.self, DlqShowCommand.self, DlqStatsCommand.self, DlqReplayCommand.self,
            DlqReleaseCommand.self, DlqPurgeCommand.self,
        ])

    /// Runs a command's work and puts what PostgreSQL says into words.
    static func telling<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as PostgresError {
            throw WeirError(
                error.isPermanent ? .bug : .unavailable, "\(error)",
                advice: error.isPermanent ? "" : "Run the same command again when the server is well.")
        }
    }
}
