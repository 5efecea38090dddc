// Which dead letters a command is about.

package import WeirCore
internal import WeirPostgres

/// Where a dead letter stands between recording and the end of its story.
package enum DeadLetterState: String, CaseIterable, Sendable {
    /// Nothing was done about it yet.
    case waiting
    /// Replayed too often; only `weir dlq release` lets it go again.
    case quarantined
    /// Published to its topic again. If that did not help, a newer dead letter is waiting.
    case replayed

    /// The state of a row of weir.dead_letter.
    static let column = """
        (CASE WHEN replayed_at IS NOT NULL THEN 'replayed' WHEN quarantined_at IS NOT NULL THEN 'quarantined'
            ELSE 'waiting' END)
        """
}

/// Conditions that all must hold; what is nil or empty is not asked for.
package struct DeadLetterFilter: Sendable, Equatable {
    package var topology: String?
    package var topic: String?
    package var reasons: [DeadLetterReason] = []
    package var organisation: String?
    /// Recorded at that time or later.
    package var since: Timestamp?
    /// Recorded before that time.
    package var until: Timestamp?
    /// The Kafka key, any of these.
    package var keys: [[UInt8]] = []
    package var ids: [Int64] = []
    package var states: Set<DeadLetterState>
    /// Not those that were replayed with another key or payload: the record in the table is not what was sent.
    package var leavesOutEdited = false

    package init(states: Set<DeadLetterState>) { self.states = states }

    /// What is still open: most commands mean these.
    package static let open: Set<DeadLetterState> = [.waiting, .quarantined]

    /// A moment as a time in UTC or as a length of time before now.
    package static func moment(_ text: String, now: Int64) -> Timestamp? {
        if let time = Timestamp(parsing: text) { return time }
        return TimeSpan(parsing: text).map { Timestamp(microseconds: now - min($0.microseconds, now)) }
    }

    /// For the WHERE of any statement on weir.dead_letter. Its parameters are `parameters`; $10 and on are free.
    static let condition = """
        ($1::text IS NULL OR topology = $1) AND ($2::text IS NULL OR topic = $2)
            AND (cardinality($3::text[]) = 0 OR reason = ANY($3)) AND ($4::text IS NULL OR org_id = $4)
            AND ($5::timestamptz IS NULL OR recorded_at >= $5) AND ($6::timestamptz IS NULL OR recorded_at < $6)
            AND (cardinality($7::bytea[]) = 0 OR key = ANY($7)) AND (cardinality($8::int8[]) = 0 OR id = ANY($8))
            AND (CASE WHEN replayed_at IS NOT NULL AND replayed_edited THEN 'edited' ELSE \(DeadLetterState.column) END)
                = ANY($9::text[])
        """

    var parameters: Parameters {
        var parameters = Parameters()
        parameters.add(topology)
        parameters.add(topic)
        parameters.addArray(.text, of: reasons) { $1.put($0.rawValue) }
        parameters.add(organisation)
        parameters.add(timestamp: since?.microseconds)
        parameters.add(timestamp: until?.microseconds)
        parameters.addArray(.bytea, of: keys) { $1.put($0[...]) }
        parameters.addArray(.int8, of: ids) { $1.put($0) }
        let edited = states.contains(.replayed) && !leavesOutEdited ? ["edited"] : []
        parameters.addArray(.text, of: states.map(\.rawValue).sorted() + edited) { $1.put($0) }
        return parameters
    }
}
