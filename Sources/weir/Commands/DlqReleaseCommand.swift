// weir dlq release: takes dead letters out of quarantine.

import ArgumentParser
import WeirCore
import WeirRuntime

struct DlqReleaseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Take dead letters out of quarantine, each for one more replay.",
        discussion: """
            For when what they failed for is mended at last. It sends nothing: `weir dlq replay` does. One that comes \
            back once more goes into quarantine again.
            """)

    @OptionGroup(title: "Which") var which: DlqFilterOptions
    @OptionGroup var database: PostgresOptions

    @Flag(help: "All that are in quarantine.")
    var all = false

    @Flag(help: "Only say how many it would be.")
    var dryRun = false

    func run() throws {
        guard which.isGiven != all else {
            throw WeirError(
                .usage, all ? "--all and a choice exclude each other" : "release which ones?",
                advice: "Choose with --id, --reason and the like, or say --all.")
        }
        guard which.state.allSatisfy({ $0 == "quarantined" || $0 == "all" }) else {
            throw WeirError(.usage, "only quarantined dead letters can be released", advice: "Leave --state out.")
        }
        var filter = try which.filter(states: [.quarantined])
        filter.states = [.quarantined]
        let store = try DeadLetterStore(try database.requiredConnection(), dryRun ? .reading : .writing)
        try DlqCommand.telling {
            if dryRun {
                return say("would release \(DlqView.count(try store.extent(filter).count)); nothing was changed")
            }
            let count = try store.release(filter)
            say(count == 0 ? "no dead letters" + DlqView.among(filter) : "released \(DlqView.count(count))")
        }
    }
}
