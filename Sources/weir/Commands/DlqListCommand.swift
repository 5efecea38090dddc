// weir dlq list: dead letters, one a line.

import ArgumentParser
import WeirAvro
import WeirCore
import WeirRuntime

struct DlqListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List dead letters, the latest first.",
        discussion: "Without --state those that are still open: waiting and quarantined.")

    @OptionGroup(title: "Which") var which: DlqFilterOptions
    @OptionGroup var database: PostgresOptions

    @Option(help: "Dead letters to list at the most. Default: 50; with --json, all.")
    var limit: Int?

    @Flag(help: "One JSON object a line.")
    var json = false

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit takes a positive number") }
    }

    func run() throws {
        let filter = try which.filter(states: DeadLetterFilter.open)
        let store = try DeadLetterStore(try database.requiredConnection(), .reading)
        try DlqCommand.telling {
            let limit = limit ?? (json ? .max : 50)
            if json { try lines(store, filter, limit) } else { try table(store, filter, limit) }
        }
    }

    private func lines(_ store: DeadLetterStore, _ filter: DeadLetterFilter, _ limit: Int) throws {
        var left = limit
        var before = Int64.max
        while left > 0 {
            let page = try store.list(filter, before: before, limit: min(left, 1000))
            guard let last = page.last else { return }
            for letter in page { say(JSON.object(DlqView.members(letter)).compact) }
            before = last.id
            left -= page.count
        }
    }

    private func table(_ store: DeadLetterStore, _ filter: DeadLetterFilter, _ limit: Int) throws {
        let letters = try store.list(filter, limit: limit)
        guard !letters.isEmpty else { return say("no dead letters" + DlqView.among(filter)) }
        var table = TextTable([
            ("ID", .right), ("RECORDED", .left), ("STATE", .left), ("REPLAYS", .right), ("REASON", .left),
            ("RECORD", .left), ("ORGANISATION", .left), ("MESSAGE", .left),
        ])
        for letter in letters {
            table.add([
                String(letter.id), DlqView.seconds(letter.recordedAt), letter.state.rawValue,
                String(letter.replayCount), letter.reason, Printable.text(letter.place),
                letter.organisation.map { Printable.shortened(Printable.text($0), to: 30) } ?? "-",
                Printable.shortened(Printable.text(letter.message), to: 70),
            ])
        }
        for line in table.lines() { say(line) }
        let all = try store.extent(filter).count
        if all > letters.count { say("\nThe latest \(letters.count) of \(all); --limit shows more.") }
    }
}
