// The console's questions to PostgreSQL: read-only, with limits of time and rows.

import WeirConsole
import WeirCore
import WeirPostgres
import WeirRuntime

/// Used by one thread.
final class ConsoleSessions {
    private let connection: PostgresConnection
    private let letters: DeadLetterStore

    /// Seconds that an answer is waited for; the server itself gives up after two.
    static let patience = 4
    private static let mostLetters = 20
    private static let mostReasons = 50
    private static let mostOrganisations = 10

    init(_ string: String) throws {
        connection = try PostgresConnection(string, applicationName: "weir console")
        connection.longestWait = Self.patience
        try connection.script(
            """
            SET ROLE weir_writer; SET default_transaction_read_only = on; SET statement_timeout = '2s';
            SET TimeZone = 'UTC';
            """)
        letters = try DeadLetterStore(string, .reading, patience: Self.patience)
    }

    func partitions(of topology: String) throws -> [DatabaseAnswers.Partition] {
        var parameters = Parameters()
        parameters.add(topology)
        let rows = try connection.query(
            """
            SELECT topic, partition, epoch, owner, next_offset,
                (extract(epoch FROM clock_timestamp() - committed_at) * 1000000)::int8
            FROM weir.partition WHERE topology = $1::text ORDER BY topic, partition LIMIT 2000
            """, parameters)
        return (0..<rows.count).map { row in
            DatabaseAnswers.Partition(
                topic: rows.text(row, 0), partition: rows.int32(row, 1), epoch: rows.int64(row, 2),
                owner: rows.text(row, 3), committed: rows.isNull(row, 4) ? nil : rows.int64(row, 4),
                idle: rows.isNull(row, 5) ? nil : rows.int64(row, 5))
        }
    }

    /// Counts by reason of those that are open, and the newest of them.
    func deadLetters(of topology: String) throws -> StatusDocument.DeadLettersPart {
        var filter = DeadLetterFilter(states: DeadLetterFilter.open)
        filter.topology = topology
        let reasons = try letters.counts(filter, by: .reason, limit: Self.mostReasons).map { count in
            StatusDocument.DeadLettersPart.Reason(
                reason: count.name, waiting: count.waiting, quarantined: count.quarantined,
                latest: .time(count.latest.microseconds))
        }
        let newest = try letters.list(filter, limit: Self.mostLetters).map { letter in
            StatusDocument.DeadLettersPart.Letter(
                id: letter.id, reason: letter.reason, message: Self.shown(letter.message),
                place: Self.shown(letter.place), organisation: letter.organisation.map(Self.shown),
                recordedAt: .time(letter.recordedAt.microseconds))
        }
        return StatusDocument.DeadLettersPart(reasons: reasons, newest: newest)
    }

    /// The organisations with the most events in windows of the last day, with each meter's quantity.
    func usage(of topology: Topology) throws -> StatusDocument.UsagePart {
        // An event counts in every meter of its source: one of each is enough to count events.
        let counting = Dictionary(grouping: topology.meters, by: \.source).values.compactMap { meters in
            meters.min { $0.window.shortness < $1.window.shortness }?.name
        }
        var parameters = Parameters()
        parameters.add(topology.name)
        parameters.addArray(.text, of: counting) { $1.put($0) }
        parameters.add(Int64(Self.mostOrganisations))
        let rows = try connection.query(
            """
            WITH recent AS (
                SELECT * FROM \(topology.outputs.table)
                WHERE topology = $1::text AND window_end > now() - interval '24 hours'
            ), busiest AS (
                SELECT org_id, sum(event_count)::int8 AS events FROM recent WHERE meter = ANY($2::text[])
                GROUP BY org_id ORDER BY 2 DESC, 1 LIMIT $3::int8
            )
            SELECT org_id, events, meter, trim_scale(CASE min(aggregate)
                WHEN 'count' THEN sum(quantity) WHEN 'sum' THEN sum(quantity) WHEN 'min' THEN min(quantity)
                WHEN 'last' THEN (array_agg(quantity ORDER BY last_event_at DESC))[1] ELSE max(quantity) END)::text
            FROM busiest JOIN recent USING (org_id) GROUP BY org_id, events, meter ORDER BY events DESC, org_id, meter
            """, parameters)
        var organisations: [(id: String, events: Int64, meters: [String: String])] = []
        for row in 0..<rows.count {
            let id = rows.text(row, 0)
            if organisations.last?.id != id { organisations.append((id, rows.int64(row, 1), [:])) }
            organisations[organisations.count - 1].meters[rows.text(row, 2)] = rows.text(row, 3)
        }
        return StatusDocument.UsagePart(
            hours: 24, meters: topology.meters.map(\.name),
            organisations: organisations.map { organisation in
                StatusDocument.UsagePart.Organisation(
                    id: Self.shown(organisation.id), events: organisation.events, meters: organisation.meters)
            })
    }

    /// What strangers wrote, without what is invisible and not too long.
    private static func shown(_ text: String) -> String { Printable.shortened(Printable.text(text), to: 200) }
}

extension WindowSize {
    fileprivate var shortness: Int64 {
        switch self {
        case .fixed(let span): span.microseconds
        case .month: .max
        }
    }
}
