// How the commands of `weir dlq` put dead letters: in words for people, in JSON for programs.

import WeirAvro
import WeirCore
import WeirKafka
import WeirRuntime

enum DlqView {
    static func seconds(_ time: Timestamp) -> String {
        Timestamp(microseconds: time.microseconds / 1_000_000 * 1_000_000).description
    }

    static func count(_ number: Int) -> String { number == 1 ? "1 dead letter" : "\(number) dead letters" }

    static func times(_ number: Int32) -> String { number == 1 ? "once" : "\(number) times" }

    /// Says which states were looked at, for when there is nothing.
    static func among(_ filter: DeadLetterFilter) -> String {
        guard filter.states.count < DeadLetterState.allCases.count else { return " that match" }
        let names = DeadLetterState.allCases.filter { filter.states.contains($0) }.map(\.rawValue)
        return " that match and are \(names.joined(separator: " or "))"
    }

    /// Fields of `weir dlq list --json`: the columns of weir.dead_letter, and the state.
    static func members(_ letter: DeadLetterSummary) -> [JSON.Member] {
        func text(_ time: Timestamp?) -> JSON { JSON(time?.description) }
        let keyText = letter.key.flatMap { String(validating: $0, as: UTF8.self) }
        return [
            .init("id", JSON(letter.id)), .init("state", .string(letter.state.rawValue)),
            .init("topology", .string(letter.topology)), .init("topology_version", JSON(letter.topologyVersion)),
            .init("topic", .string(letter.topic)), .init("partition", JSON(letter.partition)),
            .init("offset", JSON(letter.offset)), .init("reason", .string(letter.reason)),
            .init("class", .string(letter.errorClass)), .init("stage", .string(letter.stage)),
            .init("message", .string(letter.message)), .init("org_id", JSON(letter.organisation)),
            .init("schema_id", JSON(letter.schemaID)), .init("record_timestamp", text(letter.recordTimestamp)),
            .init("key", JSON(keyText)),
            .init("key_hex", keyText == nil ? JSON(letter.key.map { Hex.text($0) }) : .null),
            .init("payload_bytes", JSON(letter.payloadSize)), .init("recorded_at", text(letter.recordedAt)),
            .init("first_seen", text(letter.firstSeen)), .init("attempt", JSON(letter.attempt)),
            .init("replay_of", JSON(letter.replayOf)), .init("replay_count", JSON(letter.replayCount)),
            .init("replayed_at", text(letter.replayed?.at)), .init("replayed_by", JSON(letter.replayed?.by)),
            .init("replayed_partition", JSON(letter.replayed?.partition)),
            .init("replayed_offset", JSON(letter.replayed?.offset)),
            .init("replayed_edited", letter.replayed.map { .boolean($0.isEdited) } ?? .null),
            .init("quarantined_at", text(letter.quarantinedAt)), .init("released_at", text(letter.releasedAt)),
        ]
    }

    /// All of one dead letter as JSON.
    static func json(_ letter: StoredDeadLetter, _ decoded: DecodedPayload) -> JSON {
        let headers = letter.headers.map { header -> JSON in
            let text = header.value.flatMap { String(validating: $0, as: UTF8.self) }
            var members: [JSON.Member] = [.init("name", .string(header.name)), .init("value", JSON(text))]
            if text == nil, let value = header.value { members.append(.init("value_hex", .string(Hex.text(value)))) }
            return .object(members)
        }
        var members = members(letter.summary)
        members.append(.init("headers", .array(headers)))
        members.append(.init("payload_hex", JSON(letter.payload.map { Hex.text($0) })))
        switch decoded {
        case .value(let value, let entry):
            members.append(.init("schema", .string("\(entry.subject)/\(entry.version)")))
            members.append(.init("value", value))
        case .not(let why): members.append(.init("not_decoded", .string(why)))
        }
        return .object(members)
    }

    /// All of one dead letter in words.
    ///
    /// - Parameter bytes: of the payload, at the most.
    static func lines(_ letter: StoredDeadLetter, _ decoded: DecodedPayload, bytes: Int) -> [String] {
        let summary = letter.summary
        var lines = ["dead letter \(summary.id): \(state(summary))", ""]
        func add(_ name: String, _ value: String) { lines.append("  " + name.padding(to: 14) + value) }
        add("reason", "\(summary.reason) (class \(summary.errorClass), stage \(summary.stage))")
        add("message", Printable.text(summary.message))
        add("record", "\(Printable.text(summary.place)), Kafka time \(summary.recordTimestamp?.description ?? "none")")
        add("topology", "\(summary.topology), version \(summary.topologyVersion)")
        add("organisation", summary.organisation.map { Printable.text($0) } ?? "unknown")
        add("recorded", seconds(summary.recordedAt) + ", first seen \(seconds(summary.firstSeen))")
        let of = summary.replayOf.map { ", the last time as dead letter \($0)" } ?? ""
        add(
            "attempt",
            "\(summary.attempt)" + (summary.attempt > 1 ? ", tried \(times(summary.attempt - 1)) before\(of)" : ""))
        if let replayed = summary.replayed {
            add(
                "replayed",
                "\(seconds(replayed.at)) by \(Printable.text(replayed.by)) as \(Printable.text(summary.topic))/"
                    + "\(replayed.partition)/\(replayed.offset)" + (replayed.isEdited ? ", edited" : ""))
        }
        if let released = summary.releasedAt { add("released", seconds(released)) }
        add("key", summary.key.map { Printable.bytes($0) } ?? "none")
        add("headers", letter.headers.isEmpty ? "none" : "")
        for header in letter.headers {
            lines.append("    \(Printable.text(header.name)) = \(header.value.map { Printable.bytes($0) } ?? "null")")
        }
        add("schema id", summary.schemaID.map(String.init) ?? "none read")
        lines += payload(letter.payload, bytes)
        switch decoded {
        case .value(let value, let entry):
            lines += ["", "decoded with schema \(entry.id) (\(entry.subject)/\(entry.version)):", ""]
            // Strings of the record may hold anything; line breaks between its fields are ours.
            lines += value.pretty().split(separator: "\n").map { "  " + Printable.text(String($0)) }
        case .not(let why): lines += ["", "not decoded: \(why)"]
        }
        return lines
    }

    private static func state(_ letter: DeadLetterSummary) -> String {
        switch letter.state {
        case .waiting: "waiting"
        case .replayed: "replayed"
        case .quarantined:
            "in quarantine since \(letter.quarantinedAt.map(seconds) ?? "?"), after \(letter.replayCount) replays"
        }
    }

    private static func payload(_ payload: [UInt8]?, _ most: Int) -> [String] {
        guard let payload else { return ["", "no payload"] }
        let shown = payload.prefix(most)
        let words = shown.count < payload.count ? ", of which the first \(shown.count) (--full shows all)" : ""
        return ["", "payload, \(payload.count) bytes\(words):", ""] + HexDump.lines(shown).map { "  " + $0 }
    }
}
