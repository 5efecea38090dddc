// Brings a database to the schema this Weir was built for: numbered SQL files, each run once.

internal import Foundation
public import WeirCore

/// One file of `deploy/postgres/migrations`: `0001_state.sql`.
public struct Migration: Sendable {
    public let version: Int
    public let name: String
    public let sql: String

    /// All migrations of a folder, by number.
    public static func load(folder: String) throws(WeirError) -> [Migration] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".sql") }.sorted()
        } catch {
            throw WeirError(
                .badData, "no migrations at \(folder)",
                advice: "Name the folder with --migrations; in the repository it is deploy/postgres/migrations.")
        }
        var migrations: [Migration] = []
        for name in names {
            guard let version = Int(name.prefix { $0.isNumber }), version == (migrations.last?.version ?? 0) + 1 else {
                throw WeirError(
                    .badData, "\(folder)/\(name): migrations are numbered 0001_name.sql, 0002_name.sql, … without gaps")
            }
            guard let sql = try? String(contentsOfFile: folder + "/" + name, encoding: .utf8) else {
                throw WeirError(.badData, "cannot read \(folder)/\(name) as UTF-8 text")
            }
            migrations.append(Migration(version: version, name: name, sql: sql))
        }
        return migrations
    }
}

public struct Migrator {
    private let connection: PostgresConnection

    public init(_ connection: PostgresConnection) { self.connection = connection }

    /// Number of the last migration that ran; 0 before the first.
    public func version() throws(PostgresError) -> Int {
        let known = try connection.query("SELECT to_regclass('weir.migration') IS NOT NULL")
        guard known.bool(0, 0) else { return 0 }
        return Int(try connection.query("SELECT coalesce(max(version), 0)::int8 FROM weir.migration").int64(0, 0))
    }

    /// Runs what has not run yet, each migration in a transaction of its own. Another `weir migrate` that
    /// runs at the same time waits, then finds nothing left to do.
    ///
    /// - Returns: names of the migrations that this call ran.
    /// - Throws: `WeirError` if a file that ran was changed since, or if the database is newer than the files.
    public func migrate(_ migrations: [Migration]) throws -> [String] {
        // Any fixed number will do: it only has to be the same in every Weir.
        try connection.query("SELECT pg_advisory_lock(5710937411)")
        defer { _ = try? connection.query("SELECT pg_advisory_unlock(5710937411)") }
        try connection.script(
            """
            CREATE SCHEMA IF NOT EXISTS weir;
            COMMENT ON SCHEMA weir IS 'Weir''s own state.';
            CREATE TABLE IF NOT EXISTS weir.migration (
                version integer PRIMARY KEY,
                name text NOT NULL,
                sha256 text NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now()
            )
            """)
        let applied = try connection.query("SELECT version, name, sha256 FROM weir.migration ORDER BY version")
        guard applied.count <= migrations.count else {
            throw WeirError(
                .badData, "the database is at migration \(applied.count), these files end at \(migrations.count)",
                advice: "Use a Weir at least as new as the one that migrated it.")
        }
        var ran: [String] = []
        for (index, migration) in migrations.enumerated() {
            let digest = try sha256(migration.sql)
            if index < applied.count {
                guard applied.text(index, 2) == digest else {
                    throw WeirError(
                        .badData, "\(migration.name) was changed after it ran as \(applied.text(index, 1))",
                        advice: "Migrations only go forward: restore the file and put the change into a new one.")
                }
                continue
            }
            try connection.query("BEGIN")
            do {
                try connection.script(migration.sql)
                var parameters = Parameters()
                parameters.add(Int32(migration.version))
                parameters.add(migration.name)
                parameters.add(digest)
                try connection.query(
                    "INSERT INTO weir.migration (version, name, sha256) VALUES ($1, $2, $3)", parameters)
                try connection.query("COMMIT")
            } catch {
                _ = try? connection.query("ROLLBACK")
                throw WeirError(
                    error.isPermanent ? .badData : .unavailable,
                    "migration \(migration.name) failed and was rolled back: \(error)")
            }
            ran.append(migration.name)
        }
        return ran
    }

    private func sha256(_ text: String) throws(PostgresError) -> String {
        var parameters = Parameters()
        parameters.add(bytes: Array(text.utf8))
        return try connection.query("SELECT encode(sha256($1), 'hex')", parameters).text(0, 0)
    }
}
