// `/status.json`: all that the console shows and `weir top` prints. docs/console.md says what the fields mean.

package import WeirAvro
internal import WeirCore
package import WeirObserve

package enum StatusDocument {
    /// Raised when a field changes its meaning or goes; new fields do not raise it.
    static let format = 1

    /// Who speaks.
    package struct Speaker: Sendable {
        package let version: String
        package let host: String
        package let processID: Int32

        package init(version: String, host: String, processID: Int32) {
            self.version = version
            self.host = host
            self.processID = processID
        }
    }

    /// - Parameters:
    ///   - histories: by topology.
    ///   - answers: by topology.
    ///   - now: microseconds since 1970.
    package static func make(
        _ process: ProcessState, by speaker: Speaker, histories: [String: TopologyHistory],
        answers: [String: DatabaseAnswers], at now: Int64
    ) -> JSON {
        let state = process.starting != nil ? "starting" : process.isDraining ? "draining" : "running"
        return .object([
            .init("format", JSON(format)), .init("time", .time(now)), .init("weir", .string(speaker.version)),
            .init("host", .string(Printable.text(speaker.host))), .init("process", JSON(speaker.processID)),
            .init("state", .string(state)), .init("waiting_for", JSON(process.starting)),
            .init(
                "topologies",
                .array(
                    process.topologies.map { status in
                        topology(
                            status, histories[status.name] ?? TopologyHistory(),
                            answers[status.name] ?? DatabaseAnswers(), now)
                    })),
        ])
    }

    private static func topology(
        _ status: TopologyStatus, _ history: TopologyHistory, _ answers: DatabaseAnswers, _ now: Int64
    ) -> JSON {
        let counts = status.partitions.reduce(into: RecordCounts()) { $0.add($1.counts) }
        let outbox = status.outbox
        return .object([
            .init("name", .string(status.name)), .init("version", JSON(status.version)),
            .init("group", .string(Printable.text(status.group))),
            .init("failure", JSON(status.failure.map(Printable.text))),
            .init("objective", objective(status)), .init("oldest_seconds", .seconds(status.oldestAge(at: now))),
            .init("history", self.history(history)), .init("graph", graph(status, history.rates)),
            .init("counts", self.counts(counts)),
            .init(
                "outbox",
                .object([
                    .init("messages", JSON(outbox.messages)), .init("seconds", .seconds(outbox.since.map { now - $0 })),
                ])),
            .init("database", database(status.database, now)),
            .init("partitions", partitions(status, answers.partitions.value ?? [], now)),
            .init("partitions_of_others", answers.partitions.json { JSON($0.count) }),
            .init(
                "reasons",
                .array(
                    RecordCounts.reasons.filter { counts[$0] > 0 }.map { reason in
                        .object([.init("reason", .string(reason.rawValue)), .init("records", JSON(counts[reason]))])
                    })),
            .init("dead_letters", answers.deadLetters.json { $0 }), .init("usage", answers.usage.json { $0 }),
        ])
    }

    private static func counts(_ counts: RecordCounts) -> JSON {
        .object([
            .init("records", JSON(counts.records)), .init("counted", JSON(counts.counted)),
            .init("duplicates", JSON(counts.duplicates)), .init("conflicts", JSON(counts.conflicts)),
            .init("dead_letters", JSON(counts.deadLetters)), .init("late", JSON(counts.late)),
            .init("diverted", JSON(counts.diverted)),
        ])
    }

    /// Null before PostgreSQL's first answer.
    private static func database(_ view: DatabaseView?, _ now: Int64) -> JSON {
        guard let view else { return .null }
        return .object([
            .init("seen_at", .time(view.askedAt)), .init("bytes", JSON(view.bytes)),
            .init("outbox_messages", JSON(view.outboxMessages)),
            .init("outbox_seconds", .seconds(view.outboxSince.map { now - $0 })),
        ])
    }

    private static func history(_ history: TopologyHistory) -> JSON {
        .object([
            .init("step_seconds", .seconds(TopologyHistory.step)),
            .init("span_seconds", .seconds(TopologyHistory.step * Int64(TopologyHistory.most))),
            // Short names would not pay: it is one machine talking to itself.
            .init(
                "points",
                .array(
                    history.points.map { point in
                        .object([
                            .init("time", .time(point.time)),
                            .init("p50", .seconds(point.p50.map(Int64.init(clamping:)))),
                            .init("p99", .seconds(point.p99.map(Int64.init(clamping:)))),
                            .init("oldest", .seconds(point.oldest)), .init("records", .real(point.records)),
                        ])
                    })),
        ])
    }
}
