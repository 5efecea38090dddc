// weir dlq replay: sends dead letters to their topics again.

import ArgumentParser
import Foundation
import WeirAvro
import WeirCore
import WeirRuntime

struct DlqReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Send dead letters to their topics again, as they were or edited.",
        discussion: """
            Without a choice it replays all that are waiting. Each is marked once the broker has acknowledged it, so \
            that a replay that was interrupted goes on where it ended; a record that is sent twice counts once. One \
            that comes back has been replayed once more, and is put into quarantine when it was --max-replays times.

            To mend one: weir dlq show ID --record > f, edit f, weir dlq replay --id ID --with f.
            """)

    @OptionGroup(title: "Which") var which: DlqFilterOptions

    @Option(help: ArgumentHelp("Replay so many at the most.", valueName: "number"))
    var limit: Int?

    @Option(
        help: ArgumentHelp(
            "So many a second at the most: 50/s, 300/m. Default: as fast as possible.", valueName: "rate"))
    var rate: String?

    @Option(help: ArgumentHelp("One that was replayed so often goes into quarantine instead.", valueName: "number"))
    var maxReplays: Int32 = 3

    @Flag(help: "Only say what would be done.")
    var dryRun = false

    @Option(
        help: ArgumentHelp(
            "Send this instead of the record: a file of `weir dlq show --record`, edited.", valueName: "file"))
    var with: String?

    @Option(
        help: ArgumentHelp("Send the record with this Kafka key.", valueName: "key"))
    var withKey: String?

    @Option(help: ArgumentHelp("Send the record with the bytes of this file as payload.", valueName: "file"))
    var withPayload: String?

    @Option(help: ArgumentHelp("Folder of the Avro contracts, for --with.", valueName: "folder"))
    var schemas = "schemas"

    @OptionGroup var registry: RegistryOptions
    @OptionGroup var kafka: KafkaOptions
    @OptionGroup var database: PostgresOptions

    private var isEdit: Bool { with != nil || withKey != nil || withPayload != nil }

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit takes a positive number") }
        guard maxReplays >= 1 else { throw ValidationError("--max-replays takes a positive number") }
        if let rate, Pace.parse(rate) == nil {
            throw ValidationError("--rate \(rate): expected records a second or a minute, like 50/s or 300/m")
        }
        guard with == nil || (withKey == nil && withPayload == nil) else {
            throw ValidationError("--with says key and payload: it excludes --with-key and --with-payload")
        }
        guard !isEdit || which.id.count == 1 else {
            throw ValidationError("an edited record replaces one dead letter: name it with --id")
        }
    }

    func run() throws {
        var filter = try which.filter(states: [.waiting])
        // What was counted then is the edited record; the one in the table might count beside it.
        filter.leavesOutEdited = true
        guard !filter.states.contains(.quarantined) else {
            throw WeirError(
                .usage, "a dead letter in quarantine is not replayed",
                advice: "`weir dlq release` takes it out; or mend it with --id and --with.")
        }
        let connection = try database.requiredConnection()
        // What cannot be sent should not be tried.
        if !dryRun { _ = try kafka.requiredBrokers() }
        let store = try DeadLetterStore(connection, dryRun ? .reading : .writing)
        try DlqCommand.telling {
            if isEdit { try replayEdited(store) } else { try replay(store, filter) }
        }
    }

    // MARK: As they were

    private func replay(_ store: DeadLetterStore, _ filter: DeadLetterFilter) throws {
        let counts = try store.counts(filter, by: .topicAndReason)
        let count = counts.reduce(0) { $0 + $1.total }
        guard count > 0 else { return try sayNothing(store, filter) }
        if dryRun { return try sayWhatWouldBe(store, filter, counts) }
        let replay = try DeadLetterReplay(
            store: store, brokers: try kafka.requiredBrokers(), settings: try kafka.pairs())
        try replay.check(topics: Set(counts.map { Self.topicAndReason($0)[0] }).sorted())
        var options = DeadLetterReplay.Options()
        options.maxReplays = maxReplays
        options.rate = rate.flatMap { Pace.parse($0) }
        options.limit = limit
        let stop = StopSignal()
        var told = WallClock.monotonic()
        func tell(_ outcome: DeadLetterReplay.Outcome) {
            guard WallClock.monotonic() - told >= 2_000_000 else { return }
            told = WallClock.monotonic()
            complain("\(outcome.replayed) of \(count) replayed")
        }
        try replay.run(filter, options, shouldStop: { stop.isRaised }, meanwhile: tell)
        try finish(replay.outcome, store, filter, stopped: stop.isRaised)
    }

    private func finish(
        _ outcome: DeadLetterReplay.Outcome, _ store: DeadLetterStore, _ filter: DeadLetterFilter, stopped: Bool
    ) throws {
        say("\(stopped ? "stopped: " : "")replayed \(DlqView.count(outcome.replayed))")
        if !outcome.quarantined.isEmpty {
            let ids = outcome.quarantined.prefix(10).map(String.init).joined(separator: ", ")
            let more = outcome.quarantined.count > 10 ? ", …" : ""
            say(
                "put \(DlqView.count(outcome.quarantined.count)) into quarantine, replayed \(DlqView.times(maxReplays)) "
                    + "or more and still wrong: \(ids)\(more)\n"
                    + "  `weir dlq show ID` says why; `weir dlq release --id ID` lets one go again.")
        }
        if stopped || limit == outcome.replayed {
            say("\(DlqView.count(try store.extent(filter).count)) of the choice still to go")
        }
        guard let first = outcome.refused.first else { return }
        throw WeirError(
            .badData,
            "the broker refuses \(DlqView.count(outcome.refused.count)) for good, the first being \(first.id): \(first.why)",
            advice:
                "They are waiting as before; all others were replayed. Raise the topic's max.message.bytes or purge "
                + "them.")
    }

    private func sayNothing(_ store: DeadLetterStore, _ filter: DeadLetterFilter) throws {
        say("nothing to replay: no dead letters" + DlqView.among(filter))
        if filter.states.contains(.replayed) { say("  (one that was edited is not sent again as it was)") }
        var other = filter
        other.states = Set(DeadLetterState.allCases).subtracting(filter.states)
        let counts = try store.counts(other, by: .topic)
        let quarantined = counts.reduce(0) { $0 + $1.quarantined }
        let replayed = counts.reduce(0) { $0 + $1.replayed }
        if quarantined > 0 { say("  \(quarantined) in quarantine; `weir dlq release` takes them out") }
        if replayed > 0 { say("  \(replayed) replayed already; --state replayed sends them once more") }
    }

    private func sayWhatWouldBe(
        _ store: DeadLetterStore, _ filter: DeadLetterFilter, _ counts: [DeadLetterStore.Count]
    ) throws {
        for line in Self.table(counts).lines() { say(line) }
        let all = counts.reduce(0) { $0 + $1.total }
        let exhausted = try store.countExhausted(filter, maxReplays: maxReplays)
        let sent = min(limit ?? .max, all - exhausted)
        say("\nwould replay \(DlqView.count(sent))" + (sent < all - exhausted ? " of \(all - exhausted)" : ""))
        if exhausted > 0 { say("would put \(DlqView.count(exhausted)) into quarantine") }
        if let rate = rate.flatMap({ Pace.parse($0) }) {
            say("would take \(TimeSpan(microseconds: Int64(Double(sent) / rate) * 1_000_000)) at this rate")
        }
        say("nothing was sent or changed")
    }

    static func topicAndReason(_ count: DeadLetterStore.Count) -> [String] {
        count.name.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    }

    /// Counts by topic and reason.
    static func table(_ counts: [DeadLetterStore.Count]) -> TextTable {
        var table = TextTable([("TOPIC", .left), ("REASON", .left), ("COUNT", .right), ("FIRST SEEN", .left)])
        for count in counts {
            let names = topicAndReason(count)
            table.add([Printable.text(names[0]), names[1], String(count.total), DlqView.seconds(count.firstSeen)])
        }
        return table
    }

    // MARK: Edited

    private func replayEdited(_ store: DeadLetterStore) throws {
        let letter = try DlqShowCommand.letter(which.id[0], in: store)
        if let replayed = letter.summary.replayed {
            throw WeirError(
                .badData,
                "dead letter \(letter.summary.id) was replayed at \(DlqView.seconds(replayed.at)), and may have been counted",
                advice: "If it came back, `weir dlq list --key …` has its newer dead letter: edit that one.")
        }
        let edit = try edit(letter)
        if dryRun {
            say("would send this instead of dead letter \(letter.summary.id), to topic \(letter.summary.topic):\n")
            say("  key      " + (edit.key.map { Printable.bytes($0) } ?? "none"))
            say("  payload  " + (edit.payload.map { "\($0.count) bytes" } ?? "none"))
            if case .value(let value, let entry) = DecodedPayload(
                edit.payload, schemas: try? registry.schemas(for: edit.payload, folder: schemas))
            {
                say("  decoded with schema \(entry.id) (\(entry.subject)/\(entry.version)):")
                for line in value.pretty().split(separator: "\n") { say("  " + Printable.text(String(line))) }
            }
            return say("nothing was sent or changed")
        }
        let replay = try DeadLetterReplay(
            store: store, brokers: try kafka.requiredBrokers(), settings: try kafka.pairs())
        try replay.run(letter, with: edit)
        guard let refused = replay.outcome.refused.first else {
            return say("replayed dead letter \(letter.summary.id), edited, as \(replay.outcome.lastPlace)")
        }
        throw WeirError(.badData, "the broker refuses the record: \(refused.why)", advice: "It is waiting as before.")
    }

    private func edit(_ letter: StoredDeadLetter) throws -> EditedRecord {
        if let with {
            guard let text = try String(validating: data(with, "--with"), as: UTF8.self) else {
                throw WeirError(.badData, "\(with) is not UTF-8 text")
            }
            return try EditedRecord(parsing: text, file: with, letter: letter) {
                try registry.schemas(for: letter.payload, folder: schemas)
            }
        }
        var edit = EditedRecord(key: letter.summary.key, payload: letter.payload)
        if let withKey { edit.key = Array(withKey.utf8) }
        if let withPayload { edit.payload = Array(try data(withPayload, "--with-payload")) }
        return edit
    }

    private func data(_ file: String, _ option: String) throws -> Data {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw WeirError(.usage, "\(option) \(file): the file cannot be read")
        }
        return data
    }
}
