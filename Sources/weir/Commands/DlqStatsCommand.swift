// weir dlq stats: how many dead letters, and why.

import ArgumentParser
import WeirAvro
import WeirCore
import WeirRuntime

struct DlqStatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Count dead letters by reason, topic and organisation.",
        discussion: "Without --state those of all states, in a column each.")

    @OptionGroup(title: "Which") var which: DlqFilterOptions
    @OptionGroup var database: PostgresOptions

    @Flag(help: "As a JSON object.")
    var json = false

    private static let organisations = 10
    private static let widestBar = 30

    func run() throws {
        let filter = try which.filter(states: Set(DeadLetterState.allCases))
        let store = try DeadLetterStore(try database.requiredConnection(), .reading)
        try DlqCommand.telling {
            let reasons = try store.counts(filter, by: .reason)
            let topics = try store.counts(filter, by: .topic)
            let organisations = try store.counts(filter, by: .organisation, limit: Self.organisations)
            if json { return say(Self.json(reasons, topics, organisations).pretty()) }
            guard !reasons.isEmpty else { return say("no dead letters" + DlqView.among(filter)) }
            show(reasons, topics, organisations)
        }
    }

    private func show(
        _ reasons: [DeadLetterStore.Count], _ topics: [DeadLetterStore.Count], _ organisations: [DeadLetterStore.Count]
    ) {
        let open = reasons.reduce(0) { $0 + $1.waiting + $1.quarantined }
        let quarantined = reasons.reduce(0) { $0 + $1.quarantined }
        let replayed = reasons.reduce(0) { $0 + $1.replayed }
        say("\(DlqView.count(open)) open, \(quarantined) of them in quarantine; \(replayed) replayed\n")
        let most = reasons.map { $0.waiting + $0.quarantined }.max() ?? 0
        var table = TextTable([
            ("REASON", .left), ("CLASS", .left), ("WAITING", .right), ("QUARANTINED", .right), ("REPLAYED", .right),
            ("FIRST SEEN", .left), ("LATEST", .left), ("", .left),
        ])
        for count in reasons {
            let open = count.waiting + count.quarantined
            let bar = most == 0 ? 0 : (open * Self.widestBar + most - 1) / most
            table.add([
                count.name, count.errorClass, String(count.waiting), String(count.quarantined),
                String(count.replayed), DlqView.seconds(count.firstSeen), DlqView.seconds(count.latest),
                String(repeating: "#", count: bar),
            ])
        }
        for line in table.lines() { say(line) }
        show("TOPIC", topics)
        show("ORGANISATION", organisations)
        if organisations.count == Self.organisations { say("(at most \(Self.organisations) organisations)") }
    }

    private func show(_ name: String, _ counts: [DeadLetterStore.Count]) {
        var table = TextTable([(name, .left), ("WAITING", .right), ("QUARANTINED", .right), ("REPLAYED", .right)])
        for count in counts {
            table.add([
                count.name.isEmpty ? "(not read that far)" : Printable.text(count.name), String(count.waiting),
                String(count.quarantined), String(count.replayed),
            ])
        }
        say()
        for line in table.lines() { say(line) }
    }

    private static func json(
        _ reasons: [DeadLetterStore.Count], _ topics: [DeadLetterStore.Count], _ organisations: [DeadLetterStore.Count]
    ) -> JSON {
        func list(_ name: String, _ counts: [DeadLetterStore.Count]) -> JSON {
            .array(
                counts.map { count in
                    var members: [JSON.Member] = [.init(name, JSON(count.name.isEmpty ? nil : count.name))]
                    if name == "reason" {
                        members += [
                            .init("class", .string(count.errorClass)), .init("stage", .string(count.stage)),
                        ]
                    }
                    members += [
                        .init("waiting", JSON(count.waiting)), .init("quarantined", JSON(count.quarantined)),
                        .init("replayed", JSON(count.replayed)),
                        .init("first_seen", .string(count.firstSeen.description)),
                        .init("latest", .string(count.latest.description)),
                    ]
                    return .object(members)
                })
        }
        return .object([
            .init("reasons", list("reason", reasons)), .init("topics", list("topic", topics)),
            .init("organisations", list("org_id", organisations)),
        ])
    }
}
