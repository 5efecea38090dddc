// One topology of the status document.

internal import WeirCore
internal import WeirObserve

extension StatusDocument {
    package struct TopologyPart: Codable, Equatable, Sendable {
        package let name: String
        package let version: Int
        /// The consumer group.
        package let group: String
        /// What ended its workers.
        @OrNull package private(set) var failure: String?
        package let objective: ObjectivePart
        /// Age of the oldest record that waits; null if no partition is held here.
        @OrNull package private(set) var oldestSeconds: Double?
        package let history: HistoryPart
        package let graph: GraphPart
        package let counts: Counts
        @OrNull package private(set) var commits: Commits?
        package let outbox: Outbox
        @OrNull package private(set) var database: Database?
        /// Why PostgreSQL did not say that when it was asked last.
        @OrNull package private(set) var databaseProblem: String?
        package let partitions: PartitionsPart
        /// How many partitions weir.partition has, whoever's they are.
        package let partitionsOfOthers: Answer<Int>
        /// Dead letters of this process since it started, by reason.
        package let reasons: [Reason]
        /// Those that are open, as PostgreSQL has them.
        package let deadLetters: Answer<DeadLettersPart>
        package let usage: Answer<UsagePart>

        enum CodingKeys: String, CodingKey {
            case name, version, group, failure, objective, history, graph, counts, commits, outbox, database, partitions
            case reasons, usage
            case oldestSeconds = "oldest_seconds"
            case databaseProblem = "database_problem"
            case partitionsOfOthers = "partitions_of_others"
            case deadLetters = "dead_letters"
        }
    }

    /// Records since the process started.
    package struct Counts: Codable, Equatable, Sendable {
        package let records: Int64
        package let counted: Int64
        package let duplicates: Int64
        package let conflicts: Int64
        package let deadLetters: Int64
        package let late: Int64
        package let diverted: Int64

        enum CodingKeys: String, CodingKey {
            case records, counted, duplicates, conflicts, late, diverted
            case deadLetters = "dead_letters"
        }
    }

    /// Of this process since it started.
    package struct Commits: Codable, Equatable, Sendable {
        package let done: Int64
        /// Attempts that failed and were made again.
        package let failed: Int64
        /// Workers for which PostgreSQL does not do now what they want of it.
        package let failing: [Failing]
    }

    package struct Failing: Codable, Equatable, Sendable {
        /// As partitions' `owner`.
        package let worker: String
        package let since: Double
        /// Attempts that failed since then; 0 while the first has no answer.
        package let attempts: Int
        package let problem: String
    }

    /// Committed by this process and not known to be published.
    package struct Outbox: Codable, Equatable, Sendable {
        package let messages: Int
        @OrNull package private(set) var seconds: Double?
    }

    /// What PostgreSQL says of itself; the outbox is everybody's.
    package struct Database: Codable, Equatable, Sendable {
        package let seenAt: Double
        package let bytes: Int64
        package let outboxMessages: Int64
        @OrNull package private(set) var outboxSeconds: Double?

        enum CodingKeys: String, CodingKey {
            case bytes
            case seenAt = "seen_at"
            case outboxMessages = "outbox_messages"
            case outboxSeconds = "outbox_seconds"
        }
    }

    package struct Reason: Codable, Equatable, Sendable {
        package let reason: String
        package let records: Int64
    }
}

extension StatusDocument.TopologyPart {
    init(
        _ status: TopologyStatus, _ history: TopologyHistory, _ answers: DatabaseAnswers, _ others: OtherPartitions,
        _ now: Int64
    ) {
        let counts = status.partitions.reduce(into: RecordCounts()) { $0.add($1.counts) }
        let outbox = status.outbox
        self.init(
            name: status.name, version: status.version, group: Printable.text(status.group),
            failure: status.failure.map(Printable.text), objective: StatusDocument.ObjectivePart(status),
            oldestSeconds: status.oldestAge(at: now).map(Double.seconds),
            history: StatusDocument.HistoryPart(history), graph: StatusDocument.GraphPart(status, history.rates),
            counts: StatusDocument.Counts(
                records: counts.records, counted: counts.counted, duplicates: counts.duplicates,
                conflicts: counts.conflicts, deadLetters: counts.deadLetters, late: counts.late,
                diverted: counts.diverted),
            commits: StatusDocument.Commits(status),
            outbox: StatusDocument.Outbox(
                messages: outbox.messages, seconds: outbox.since.map { Double.seconds(now - $0) }),
            database: status.database.map { view in
                StatusDocument.Database(
                    seenAt: .time(view.askedAt), bytes: view.bytes, outboxMessages: view.outboxMessages,
                    outboxSeconds: view.outboxSince.map { Double.seconds(now - $0) })
            }, databaseProblem: status.databaseProblem.map(Self.shown),
            partitions: StatusDocument.PartitionsPart(status, answers.partitions, others, now),
            partitionsOfOthers: StatusDocument.Answer(answers.partitions) { $0.count },
            reasons: RecordCounts.reasons.filter { counts[$0] > 0 }.map { reason in
                StatusDocument.Reason(reason: reason.rawValue, records: counts[reason])
            }, deadLetters: StatusDocument.Answer(answers.deadLetters) { $0 },
            usage: StatusDocument.Answer(answers.usage) { $0 })
    }

    /// What a server said, in one line that is not too long.
    fileprivate static func shown(_ text: String) -> String { Printable.shortened(Printable.text(text), to: 300) }
}

extension StatusDocument.Commits {
    init(_ status: TopologyStatus) {
        self.init(
            done: status.workers.reduce(0) { $0 + $1.commits },
            failed: status.workers.reduce(0) { $0 + $1.failedCommits },
            failing: status.troubles.map { trouble in
                StatusDocument.Failing(
                    worker: Printable.text(trouble.owner), since: .time(trouble.since), attempts: trouble.attempts,
                    problem: StatusDocument.TopologyPart.shown(trouble.message))
            })
    }
}
