// What `weir dlq` asks of weir.dead_letter and writes to it.

package import WeirCore
internal import WeirPostgres

/// A connection for dead letters, used by one thread.
package final class DeadLetterStore {
    package enum Access: Sendable {
        /// Acts as weir_admin, or as weir_writer if the login may not; PostgreSQL refuses every change.
        case reading
        /// Acts as weir_writer.
        case writing
    }

    let connection: PostgresConnection

    /// - Parameter patience: seconds that an answer is waited for, and half of that what a statement may take; nil waits
    ///   for ever.
    /// - Throws: `WeirError(.unavailable)` if PostgreSQL is away, `.badData` if the login or the tables are not
    ///   what they must be.
    package init(_ string: String, _ access: Access, patience: Int? = nil) throws(WeirError) {
        do {
            connection = try PostgresConnection(string, applicationName: "weir dlq")
        } catch {
            throw WeirError(.unavailable, "\(error)", advice: "Is the server up, and is the connection string right?")
        }
        connection.longestWait = patience
        do {
            if let patience { try connection.script("SET statement_timeout = \(patience * 500)") }
            let migrated = try connection.query(
                """
                SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname = 'weir' AND c.relname = 'dead_letter')
                """)
            guard migrated.bool(0, 0) else {
                throw WeirError(
                    .badData, "the database is not migrated", advice: "Run `weir migrate --postgres …` first.")
            }
            try Self.takeRole(connection, access)
            try ServerChecks.newEnough(connection)
            try connection.script("SET TimeZone = 'UTC'; SET lock_timeout = '30s'")
            if access == .reading { try connection.script("SET default_transaction_read_only = on") }
        } catch let error as WeirError {
            throw error
        } catch {
            throw WeirError(.unavailable, "\(error)")
        }
    }

    private static func takeRole(_ connection: PostgresConnection, _ access: Access) throws {
        let roles = access == .reading ? ["weir_admin", "weir_writer"] : ["weir_writer"]
        for role in roles {
            if (try? connection.script("SET ROLE \(role)")) != nil { return }
        }
        let words = roles.joined(separator: " or ")
        throw WeirError(
            .badData, "this login may not act as \(words)",
            advice: "GRANT \(roles[0]) TO the login; \(access == .reading ? "either will do" : "changes need it").")
    }

    // MARK: Looking

    /// Dead letters of a filter by falling id, from below `before` on.
    package func list(_ filter: DeadLetterFilter, before: Int64 = .max, limit: Int) throws -> [DeadLetterSummary] {
        var parameters = filter.parameters
        parameters.add(before)
        parameters.add(Int64(limit))
        let rows = try connection.query(
            """
            SELECT \(DeadLetterSummary.columns) FROM weir.dead_letter
            WHERE \(DeadLetterFilter.condition) AND id < $10::int8 ORDER BY id DESC LIMIT $11::int8
            """, parameters)
        return (0..<rows.count).map { DeadLetterSummary(rows, $0) }
    }

    /// The whole of one, nil if there is none of the id.
    package func letter(_ id: Int64) throws -> StoredDeadLetter? { try letters([id]).first }

    func letters(_ ids: [Int64]) throws -> [StoredDeadLetter] {
        var parameters = Parameters()
        parameters.addArray(.int8, of: ids) { $1.put($0) }
        let rows = try connection.query(
            "SELECT \(StoredDeadLetter.columns) FROM weir.dead_letter WHERE id = ANY($1::int8[]) ORDER BY id",
            parameters)
        return (0..<rows.count).map { StoredDeadLetter(rows, $0) }
    }

    /// How many of a filter are in which state.
    package struct Count: Sendable {
        /// What they have in common: a reason, a topic, an organisation; empty for none.
        package let name: String
        package let errorClass: String
        package let stage: String
        package let waiting: Int
        package let quarantined: Int
        package let replayed: Int
        package let firstSeen: Timestamp
        package let latest: Timestamp

        package var total: Int { waiting + quarantined + replayed }
    }

    package enum Grouping: String, Sendable {
        case reason, topic
        case organisation = "coalesce(org_id, '')"
        case topicAndReason = "topic || E'\\t' || reason"
    }

    /// Counts by a column, those with the most that are open first.
    package func counts(_ filter: DeadLetterFilter, by grouping: Grouping, limit: Int = 1000) throws -> [Count] {
        var parameters = filter.parameters
        parameters.add(Int64(limit))
        let rows = try connection.query(
            """
            SELECT \(grouping.rawValue), min(class), min(stage), count(*) FILTER (WHERE state = 'waiting'),
                count(*) FILTER (WHERE state = 'quarantined'), count(*) FILTER (WHERE state = 'replayed'),
                min(first_seen), max(recorded_at)
            FROM (SELECT *, \(DeadLetterState.column) AS state FROM weir.dead_letter
                WHERE \(DeadLetterFilter.condition)) AS letters
            GROUP BY 1 ORDER BY count(*) FILTER (WHERE state <> 'replayed') DESC, count(*) DESC, 1 LIMIT $10::int8
            """, parameters)
        return (0..<rows.count).map { row in
            Count(
                name: rows.text(row, 0), errorClass: rows.text(row, 1), stage: rows.text(row, 2),
                waiting: Int(rows.int64(row, 3)), quarantined: Int(rows.int64(row, 4)),
                replayed: Int(rows.int64(row, 5)), firstSeen: Timestamp(microseconds: rows.timestamp(row, 6)),
                latest: Timestamp(microseconds: rows.timestamp(row, 7)))
        }
    }

    /// How many there are, and the newest one's id: later ones are not what was counted.
    package func extent(_ filter: DeadLetterFilter) throws -> (count: Int, newest: Int64) {
        let rows = try connection.query(
            "SELECT count(*), coalesce(max(id), 0) FROM weir.dead_letter WHERE \(DeadLetterFilter.condition)",
            filter.parameters)
        return (Int(rows.int64(0, 0)), rows.int64(0, 1))
    }

    /// How many waiting ones of a filter have been replayed as often as they may.
    package func countExhausted(_ filter: DeadLetterFilter, maxReplays: Int32) throws -> Int {
        var parameters = filter.parameters
        parameters.add(maxReplays)
        let rows = try connection.query(
            """
            SELECT count(*) FROM weir.dead_letter WHERE \(DeadLetterFilter.condition)
                AND replayed_at IS NULL AND replay_count >= $10::int4 AND released_at IS NULL
            """, parameters)
        return Int(rows.int64(0, 0))
    }

    // MARK: Changing

    /// Takes dead letters out of quarantine, each for one more replay.
    ///
    /// - Returns: how many were in it.
    package func release(_ filter: DeadLetterFilter) throws -> Int {
        let rows = try connection.query(
            """
            WITH released AS (
                UPDATE weir.dead_letter SET quarantined_at = NULL, released_at = now()
                WHERE \(DeadLetterFilter.condition) AND quarantined_at IS NOT NULL AND replayed_at IS NULL RETURNING id
            )
            SELECT count(*) FROM released
            """, filter.parameters)
        return Int(rows.int64(0, 0))
    }

    /// Deletes up to `limit` rows with ids up to `newest`.
    ///
    /// - Returns: how many were deleted; 0 when there are no more.
    package func purge(_ filter: DeadLetterFilter, newest: Int64, limit: Int = 10_000) throws -> Int {
        var parameters = filter.parameters
        parameters.add(newest)
        parameters.add(Int64(limit))
        let rows = try connection.query(
            """
            WITH gone AS (
                DELETE FROM weir.dead_letter WHERE id IN (
                    SELECT id FROM weir.dead_letter WHERE \(DeadLetterFilter.condition) AND id <= $10::int8
                    ORDER BY id LIMIT $11::int8)
                RETURNING id
            )
            SELECT count(*) FROM gone
            """, parameters)
        return Int(rows.int64(0, 0))
    }

    // MARK: Replaying

    /// A dead letter that is locked for replaying.
    struct Candidate {
        let id: Int64
        let bytes: Int
        /// It has been replayed as often as it may.
        let isExhausted: Bool
    }

    func begin() throws { try connection.query("BEGIN") }
    func commit() throws { try connection.query("COMMIT") }
    func rollback() { _ = try? connection.query("ROLLBACK") }

    /// Locks the next dead letters by rising id. Those that another replay has locked are left to it.
    func lock(_ filter: DeadLetterFilter, after: Int64, newest: Int64, maxReplays: Int32, limit: Int) throws
        -> [Candidate]
    {
        var parameters = filter.parameters
        parameters.add(after)
        parameters.add(newest)
        parameters.add(maxReplays)
        parameters.add(Int64(limit))
        let rows = try connection.query(
            """
            SELECT id, coalesce(octet_length(payload), 0),
                replayed_at IS NULL AND replay_count >= $12::int4 AND released_at IS NULL
            FROM weir.dead_letter WHERE \(DeadLetterFilter.condition) AND id > $10::int8 AND id <= $11::int8
            ORDER BY id LIMIT $13::int8 FOR UPDATE SKIP LOCKED
            """, parameters)
        return (0..<rows.count).map { row in
            Candidate(id: rows.int64(row, 0), bytes: Int(rows.int32(row, 1)), isExhausted: rows.bool(row, 2))
        }
    }

    func quarantine(_ ids: [Int64]) throws {
        var parameters = Parameters()
        parameters.addArray(.int8, of: ids) { $1.put($0) }
        try connection.query(
            "UPDATE weir.dead_letter SET quarantined_at = now() WHERE id = ANY($1::int8[])", parameters)
    }

    /// Where a replay stands.
    struct Acknowledged {
        let id: Int64
        let partition: Int32
        let offset: Int64
    }

    func markReplayed(_ acknowledged: [Acknowledged], edited: Bool) throws {
        var parameters = Parameters()
        parameters.addArray(.int8, of: acknowledged) { $1.put($0.id) }
        parameters.addArray(.int4, of: acknowledged) { $1.put($0.partition) }
        parameters.addArray(.int8, of: acknowledged) { $1.put($0.offset) }
        parameters.add(edited ? Int32(1) : 0)
        try connection.query(
            """
            UPDATE weir.dead_letter d
            SET replay_count = replay_count + 1, replayed_at = clock_timestamp(), replayed_by = session_user,
                replayed_partition = i.partition, replayed_offset = i.record_offset, replayed_edited = $4::int4 = 1,
                quarantined_at = NULL
            FROM unnest($1::int8[], $2::int4[], $3::int8[]) AS i(id, partition, record_offset) WHERE d.id = i.id
            """, parameters)
    }
}
