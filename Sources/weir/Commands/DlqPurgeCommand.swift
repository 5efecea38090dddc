// weir dlq purge: deletes dead letters from PostgreSQL.

import ArgumentParser
import Glibc
import WeirCore
import WeirRuntime

struct DlqPurgeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge",
        abstract: "Delete dead letters from PostgreSQL, for good.",
        discussion: """
            Deletes what `weir dlq list` lists for the same choice: without --state those that are waiting or in \
            quarantine. The messages on <topic>.dlq stay as long as the broker keeps them.
            """)

    @OptionGroup(title: "Which") var which: DlqFilterOptions
    @OptionGroup var database: PostgresOptions

    @Flag(help: "Every dead letter there is, in any state.")
    var all = false

    @Flag(help: "Do not ask.")
    var yes = false

    @Flag(help: "Only say what would be deleted.")
    var dryRun = false

    func run() throws {
        guard which.isGiven != all else {
            throw WeirError(
                .usage, all ? "--all and a choice exclude each other" : "purge which ones?",
                advice: "Choose with --reason, --until and the like, or say --all.")
        }
        let filter = try which.filter(states: all ? Set(DeadLetterState.allCases) : DeadLetterFilter.open)
        let store = try DeadLetterStore(try database.requiredConnection(), dryRun ? .reading : .writing)
        try DlqCommand.telling {
            // Those that come while somebody reads the question are not among what was asked about.
            let (count, newest) = try store.extent(filter)
            guard count > 0 else { return say("no dead letters" + DlqView.among(filter)) }
            for line in DlqReplayCommand.table(try store.counts(filter, by: .topicAndReason)).lines() { say(line) }
            if dryRun { return say("\nwould delete \(DlqView.count(count)); nothing was changed") }
            guard yes || confirmed("\nDelete \(DlqView.count(count)) for good? Type yes: ") else {
                throw WeirError(
                    .usage, "nothing was deleted", advice: "Say --yes to delete without being asked.")
            }
            var deleted = 0
            while case let gone = try store.purge(filter, newest: newest), gone > 0 { deleted += gone }
            say("deleted \(DlqView.count(deleted))")
        }
    }

    private func confirmed(_ question: String) -> Bool {
        guard isatty(STDIN_FILENO) == 1 else { return false }
        complain(question)
        return readLine() == "yes"
    }
}
