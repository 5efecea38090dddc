// The options by which the commands of `weir dlq` choose dead letters.

import ArgumentParser
import WeirCore
import WeirRuntime

struct DlqFilterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Only of this topology.", valueName: "name"))
    var topology: String?

    @Option(help: ArgumentHelp("Only records of this topic (not <topic>.dlq).", valueName: "name"))
    var topic: String?

    @Option(help: ArgumentHelp("Only with this reason; may be repeated.", valueName: "reason"))
    var reason: [String] = []

    @Option(help: ArgumentHelp("Only of this organisation, where the record could be read that far.", valueName: "id"))
    var org: String?

    @Option(
        help: ArgumentHelp(
            "Recorded then or later: a time in UTC like 2026-11-01T10:00:00Z, or a length of time ago like 2h.",
            valueName: "time"))
    var since: String?

    @Option(help: ArgumentHelp("Recorded before that time: as for --since.", valueName: "time"))
    var until: String?

    @Option(help: ArgumentHelp("Only with this Kafka key; 0x0a1b for one that is no text.", valueName: "key"))
    var key: String?

    @Option(help: ArgumentHelp("Only this dead letter; may be repeated.", valueName: "id"))
    var id: [Int64] = []

    @Option(
        help: ArgumentHelp(
            "Only in this state: waiting, quarantined, replayed or all; may be repeated.", valueName: "state"))
    var state: [String] = []

    /// What the options ask for.
    ///
    /// - Parameter states: without `--state`.
    func filter(states: Set<DeadLetterState>) throws -> DeadLetterFilter {
        var filter = DeadLetterFilter(states: states)
        filter.topology = topology
        filter.topic = topic
        filter.organisation = org
        filter.ids = id
        filter.reasons = try reason.map { name in
            if let reason = DeadLetterReason(rawValue: name) { return reason }
            let known = DeadLetterReason.allCases.map(\.rawValue)
            throw WeirError(
                .usage, "--reason \(name): there is no such reason" + Suggestion.text(for: name, among: known),
                advice: "There are \(known.joined(separator: ", ")).")
        }
        filter.since = try since.map { try Self.moment($0, "--since") }
        filter.until = try until.map { try Self.moment($0, "--until") }
        // A text may look like bytes: it is meant either way.
        if let key { filter.keys = [Array(key.utf8)] + [Hex.bytes(key)].compactMap { $0 } }
        if !state.isEmpty {
            filter.states = []
            for name in state {
                if name == "all" {
                    filter.states = Set(DeadLetterState.allCases)
                } else if let state = DeadLetterState(rawValue: name) {
                    filter.states.insert(state)
                } else {
                    let known = DeadLetterState.allCases.map(\.rawValue) + ["all"]
                    throw WeirError(
                        .usage, "--state \(name): there is no such state" + Suggestion.text(for: name, among: known),
                        advice: "There are \(known.joined(separator: ", ")).")
                }
            }
        }
        return filter
    }

    private static func moment(_ text: String, _ option: String) throws -> Timestamp {
        guard let moment = DeadLetterFilter.moment(text, now: WallClock.now()) else {
            throw WeirError(
                .usage,
                "\(option) \(text): expected a time in UTC like 2026-11-01T10:00:00Z, or a length of time "
                    + "before now like 90s, 2h or 35d")
        }
        return moment
    }

    /// Whether any of the options was given.
    var isGiven: Bool {
        topology != nil || topic != nil || org != nil || since != nil || until != nil || key != nil
            || !reason.isEmpty || !id.isEmpty || !state.isEmpty
    }
}
