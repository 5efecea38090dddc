// A topology against the servers it will use: is everything there that it needs.

public import WeirCore
internal import WeirKafka
internal import WeirPostgres

public enum ServerChecks {
    /// Checks that the database is migrated and holds the output table, and claims the topology's meters in it.
    ///
    /// - Parameter claim: false only looks whether the claim would succeed.
    /// - Throws: `WeirError(.badData)` for what is missing or contradicts, `.unavailable` if PostgreSQL is away.
    public static func database(_ job: Job, claim: Bool) throws(WeirError) {
        do {
            let connection = try PostgresConnection(job.postgres)
            // By the catalogue: to_regclass wants rights on the schema, which only the writer has.
            let migrated = try connection.query(
                """
                SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname = 'weir' AND c.relname = 'partition')
                """)
            guard migrated.bool(0, 0) else {
                throw WeirError(
                    .badData, "the database is not migrated", advice: "Run `weir migrate --postgres …` first.")
            }
            try becomeWriter(connection)
            try newEnough(connection)
            let table = job.topology.outputs.table
            var parameters = Parameters()
            parameters.add(table)
            guard try connection.query("SELECT to_regclass($1::text) IS NOT NULL", parameters).bool(0, 0) else {
                throw WeirError(
                    .badData, "\(job.topology.name): there is no table \(table)",
                    advice:
                        "Run `weir migrate` first; a table of your own is made with: CALL weir.create_usage_table('\(table)')"
                )
            }
            try claimMeters(job, connection, claim: claim)
            try claimVersion(job, connection, claim: claim)
        } catch let error as WeirError {
            throw error
        } catch {
            throw WeirError(.unavailable, "\(error)", advice: "Is the server up, and is the connection string right?")
        }
    }

    /// The deployment's secret, key of all hashes. Read before workers start, which cannot wait for a server.
    ///
    /// - Throws: `WeirError(.unavailable)` if PostgreSQL is away.
    public static func secret(_ job: Job) throws(WeirError) -> Hash128 {
        do {
            let connection = try PostgresConnection(job.postgres)
            try becomeWriter(connection)
            let bytes = try connection.query("SELECT salt FROM weir.secret").bytes(0, 0)
            func word(_ from: Int) -> UInt64 { bytes[from..<(from + 8)].reversed().reduce(0) { $0 << 8 | UInt64($1) } }
            return Hash128(low: word(0), high: word(8))
        } catch let error as WeirError {
            throw error
        } catch {
            throw WeirError(.unavailable, "\(error)", advice: "Is the server up, and is the connection string right?")
        }
    }

    /// Number of the last migration that this Weir's statements need.
    private static let neededMigration: Int32 = 4

    /// - Throws: `WeirError(.badData)` if the database was migrated by an older Weir only.
    static func newEnough(_ connection: PostgresConnection) throws {
        let version = try connection.query("SELECT coalesce(max(version), 0) FROM weir.migration").int32(0, 0)
        guard version < neededMigration else { return }
        throw WeirError(
            .badData, "the database is at migration \(version), this Weir needs \(neededMigration)",
            advice: "Run `weir migrate --postgres …` first; workers of the Weir before go on meanwhile.")
    }

    private static func becomeWriter(_ connection: PostgresConnection) throws {
        do {
            try connection.script("SET ROLE weir_writer")
        } catch {
            guard error.isPermanent else { throw error }
            throw WeirError(
                .badData, "this login may not act as weir_writer: \(error.message)",
                advice: "GRANT weir_writer TO the login that `weir run` uses.")
        }
    }

    /// One meter name in one table means one thing, whichever topology and version writes it.
    private static func claimMeters(_ job: Job, _ connection: PostgresConnection, claim: Bool) throws {
        let topology = job.topology
        for meter in topology.meters {
            var parameters = Parameters()
            parameters.add(topology.outputs.table)
            parameters.add(meter.name)
            if claim {
                var claimed = parameters
                claimed.add(topology.name)
                claimed.add(meter.definition)
                try connection.query(
                    """
                    INSERT INTO weir.meter (output_table, meter, topology, definition)
                    VALUES ($1::text, $2::text, $3::text, $4::text) ON CONFLICT DO NOTHING
                    """, claimed)
            }
            let rows = try connection.query(
                "SELECT topology, definition FROM weir.meter WHERE output_table = $1::text AND meter = $2::text",
                parameters)
            guard rows.count > 0 else { continue }
            guard rows.text(0, 0) == topology.name else {
                throw WeirError(
                    .badData,
                    "meter '\(meter.name)' in \(topology.outputs.table) belongs to topology '\(rows.text(0, 0))'",
                    advice: "Give the meter another name, or the topology another output table.")
            }
            guard rows.text(0, 1) == meter.definition else {
                throw WeirError(
                    .badData,
                    """
                    meter '\(meter.name)' was \(rows.text(0, 1)) and is now \(meter.definition): \
                    its rows would mix two meanings
                    """,
                    advice: "Give the changed meter a new name; the old one keeps its rows.")
            }
        }
    }

    /// A version that changes the meters fences the workers of older ones, so that no window is counted by two
    /// sets of meters at once.
    private static func claimVersion(_ job: Job, _ connection: PostgresConnection, claim: Bool) throws {
        let topology = job.topology
        let meters = topology.meters.map { "\($0.name): \($0.definition)" }.sorted().joined(separator: "\n")
        var parameters = Parameters()
        parameters.add(topology.name)
        let rows = try connection.query(
            "SELECT version, meters FROM weir.topology WHERE topology = $1::text", parameters)
        if rows.count > 0 {
            guard rows.text(0, 1) != meters else { return }
            guard rows.int32(0, 0) < topology.version else {
                throw WeirError(
                    .badData,
                    """
                    version \(topology.version) of \(topology.name) has other meters than version \(rows.int32(0, 0)), \
                    which has run already
                    """,
                    advice: "Give the changed topology a higher version, or run the one that has run before.")
            }
        }
        guard claim else { return }
        parameters.add(Int32(topology.version))
        parameters.add(meters)
        try connection.query(
            """
            INSERT INTO weir.topology AS t (topology, version, meters) VALUES ($1::text, $2::int4, $3::text)
            ON CONFLICT (topology) DO UPDATE
            SET version = excluded.version, meters = excluded.meters, changed_at = now()
            WHERE t.version < excluded.version
            """, parameters)
    }

    /// Checks that the topics exist: sources must; topics that Weir publishes to may be missing where
    /// brokers create topics by themselves, and are returned with nil.
    ///
    /// - Throws: `WeirError(.badData)` for a missing source topic, `.unavailable` if no broker answers,
    ///   `.usage` for a Kafka setting that librdkafka does not know.
    public static func topics(_ job: Job) throws(WeirError) -> [(topic: String, partitions: Int?)] {
        do {
            let admin = try KafkaAdmin(job.consumerSettings(instance: nil, worker: 0))
            var found: [(String, Int?)] = []
            for source in job.topology.sources {
                guard let partitions = try admin.partitions(of: source.topic) else {
                    throw WeirError(
                        .badData, "\(job.topology.name): there is no topic \(source.topic) on \(job.brokers)",
                        advice: "Create it, or correct the topology's sources.")
                }
                found.append((source.topic, partitions))
            }
            var published = job.topology.sources.map { $0.topic + ".dlq" }
            if job.topology.quotas?.over == .divert { published += job.topology.sources.map { $0.topic + ".overflow" } }
            if let output = job.topology.outputs.topic { published.append(output) }
            for topic in published { found.append((topic, try admin.partitions(of: topic))) }
            // Nothing waits for this one, not even a start.
            if let lag = job.topology.outputs.lag { found.append((lag, try? admin.partitions(of: lag))) }
            return found
        } catch let error as WeirError {
            throw error
        } catch let error as KafkaError where error.isConfiguration {
            throw WeirError(
                .usage, "--kafka: \(error.message)", advice: "librdkafka's CONFIGURATION.md lists the settings.")
        } catch {
            throw WeirError(.unavailable, "\(error)", advice: "Is a broker up at \(job.brokers)?")
        }
    }

    /// Topics that have more partitions now than this topology was ever assigned.
    ///
    /// Keys are remembered by partition, and with more partitions organisations move: a repeat whose first
    /// event went to the old partition is not recognised in the new one.
    ///
    /// - Throws: `WeirError(.unavailable)` if PostgreSQL is away.
    public static func repartitioned(
        _ job: Job, _ topics: [(topic: String, partitions: Int?)]
    ) throws(WeirError) -> [(topic: String, before: Int, now: Int)] {
        do {
            let connection = try PostgresConnection(job.postgres)
            try becomeWriter(connection)
            var parameters = Parameters()
            parameters.add(job.topology.name)
            let rows = try connection.query(
                """
                SELECT topic, max(partition) + 1 FROM weir.partition
                WHERE topology = $1::text GROUP BY topic
                """, parameters)
            var moved: [(String, Int, Int)] = []
            for row in 0..<rows.count {
                let topic = rows.text(row, 0)
                let before = Int(rows.int32(row, 1))
                if let now = topics.first(where: { $0.topic == topic })?.partitions, now > before {
                    moved.append((topic, before, now))
                }
            }
            return moved
        } catch let error as WeirError {
            throw error
        } catch {
            throw WeirError(.unavailable, "\(error)")
        }
    }
}
