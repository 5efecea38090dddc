// The migrations, on a real PostgreSQL: run once, run at once, run by an ordinary role, and leave all documented.

import Foundation
import Testing
import WeirPostgres

struct MigrationTests {
    @Test func theSecondRunFindsNothingToDo() throws {
        let database = try TestDatabase()
        let names = try TestDatabase.migrations().map(\.name)
        #expect(try database.migrate() == names)
        #expect(try database.migrate() == [])
        #expect(try Migrator(database.connect()).version() == names.count)
    }

    @Test func concurrentRunsOfOneDatabaseMigrateItOnce() throws {
        let database = try TestDatabase()
        let runs = try (0..<3).map { _ in try WeirProcess("migrate", "--postgres", database.connectionString) }
        let outcomes = try runs.map { try $0.wait() }
        #expect(outcomes.map(\.status) == [0, 0, 0], "\(outcomes)")
        let files = try TestDatabase.migrations()
        #expect(outcomes.count { $0.output.contains("ran \(files[0].name)") } == 1)
        #expect(outcomes.count { $0.output == "already up to date (\(files.count))\n" } == 2)
    }

    /// Roles belong to the server, so these runs meet although each has its own database.
    @Test func databasesOfAFreshServerMigrateAtOnce() throws {
        let server = try ThrowawayPostgres()
        defer { server.stop() }
        let databases = try (0..<4).map { try server.createDatabase("weir_\($0)") }
        let outcomes = try databases.map { try WeirProcess("migrate", "--postgres", $0) }.map { try $0.wait() }
        #expect(outcomes.allSatisfy { $0.status == 0 }, "\(outcomes)")
    }

    @Test func anOrdinaryRoleThatOwnsTheDatabaseMigratesAndIsBoundByRowSecurity() throws {
        let role = "weir_test_owner_\(UInt32.random(in: 0...UInt32.max))"
        let administration = try PostgresConnection(TestPostgres.administration())
        try administration.query("CREATE ROLE \(role) CREATEROLE")
        let database = try TestDatabase(owner: role)
        let connection = try database.connect()
        try connection.query("SET ROLE \(role)")
        _ = try Migrator(connection).migrate(TestDatabase.migrations())
        try connection.query("RESET ROLE")
        try UsageRows.insert(connection)

        let present = try connection.column("SELECT DISTINCT org_id FROM billing.usage_daily ORDER BY 1")
        #expect(present == UsageRows.organisations)
        try connection.become(role, organisation: nil)
        for relation in ["usage", "correction", "conflict", "usage_daily", "usage_monthly"] {
            // It owns the tables; the views are weir_views' own, of which it is a member.
            #expect(try connection.column("SELECT org_id FROM billing.\(relation)") == [], "\(relation)")
        }
        let owners = "SELECT viewowner::text FROM pg_views WHERE schemaname IN ('billing', 'slo')"
        #expect(try Set(connection.column(owners)) == ["weir_views"])
        for schema in ["billing", "slo"] {
            let mayCreate = "SELECT has_schema_privilege('weir_views', '\(schema)', 'CREATE')::text"
            #expect(try connection.column(mayCreate) == ["false"], "lent for the moment of handing over only")
        }

        // A role is the server's, not the database's: on a server that stays, it must not.
        try connection.query("RESET ROLE")
        try connection.query("REASSIGN OWNED BY \(role) TO CURRENT_USER")
        try connection.query("DROP OWNED BY \(role)")
        try connection.query("DROP ROLE \(role)")
    }

    @Test func everythingHasAComment() throws {
        let connection = try TestDatabase.migrated().connect()
        let uncommented = try connection.column(
            """
            SELECT format('schema %s', nspname) FROM pg_namespace
            WHERE nspname IN ('weir', 'billing', 'slo') AND obj_description(oid, 'pg_namespace') IS NULL
            UNION ALL
            SELECT format('relation %s', c.oid::regclass) FROM pg_class c
            WHERE relnamespace::regnamespace::text IN ('weir', 'billing', 'slo') AND relkind IN ('r', 'p', 'v', 'm')
              AND obj_description(c.oid, 'pg_class') IS NULL
            UNION ALL
            SELECT format('column %s.%s', c.oid::regclass, attname) FROM pg_class c JOIN pg_attribute ON attrelid = c.oid
            WHERE relnamespace::regnamespace::text IN ('weir', 'billing', 'slo') AND relkind IN ('r', 'p', 'v', 'm')
              AND attnum > 0 AND NOT attisdropped AND col_description(c.oid, attnum) IS NULL
            UNION ALL
            SELECT format('routine %s', p.oid::regprocedure) FROM pg_proc p
            WHERE pronamespace::regnamespace::text IN ('weir', 'billing', 'slo') AND obj_description(p.oid, 'pg_proc') IS NULL
            UNION ALL
            SELECT format('role %s', rolname) FROM pg_roles
            WHERE rolname IN ('weir_writer', 'analyst', 'weir_admin', 'weir_views')
              AND shobj_description(oid, 'pg_authid') IS NULL
            """)
        #expect(uncommented == [])
    }

    @Test func failuresHaveTheirExitCodes() throws {
        let nobody = try WeirProcess("migrate", "--postgres", "host=/nonexistent").wait()
        #expect(nobody.status == 69)
        #expect(nobody.errors.contains("/nonexistent"))

        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try "CREATE TABLE half ();\nCREATE TABLE (".write(
            to: folder.appending(path: "0001_broken.sql"), atomically: true, encoding: .utf8)
        let database = try TestDatabase()
        let broken = try WeirProcess(
            "migrate", "--postgres", database.connectionString, "--migrations", folder.path
        ).wait()
        #expect(broken.status == 65)
        #expect(broken.errors.contains("0001_broken.sql failed and was rolled back"))
        let leftover = try database.connect().column("SELECT coalesce(to_regclass('half')::text, 'rolled back')")
        #expect(leftover == ["rolled back"])
    }
}
