// Who sees and changes what in schema billing: every role, with and without app.org_id, on every table and view.

import Testing
import WeirPostgres

struct TenantTests {
    private let database: TestDatabase
    private let connection: PostgresConnection

    init() throws {
        database = try TestDatabase.migrated()
        connection = try database.connect()
        try UsageRows.insert(connection)
    }

    struct Reader: Sendable, CustomTestStringConvertible {
        let role: String
        let organisation: String?
        let seesInTables: [String]
        let seesInViews: [String]
        var testDescription: String { "\(role), app.org_id \(organisation.map { "'\($0)'" } ?? "not set")" }
    }

    private static let all = UsageRows.organisations

    @Test(arguments: [
        Reader(role: "analyst", organisation: nil, seesInTables: [], seesInViews: []),
        Reader(role: "analyst", organisation: "", seesInTables: [], seesInViews: []),
        Reader(role: "analyst", organisation: "org-a", seesInTables: ["org-a"], seesInViews: ["org-a"]),
        Reader(role: "analyst", organisation: "org-b", seesInTables: ["org-b"], seesInViews: ["org-b"]),
        Reader(role: "analyst", organisation: "org-c", seesInTables: [], seesInViews: []),
        Reader(role: "weir_admin", organisation: nil, seesInTables: all, seesInViews: all),
        Reader(role: "weir_admin", organisation: "org-a", seesInTables: all, seesInViews: all),
        // The writer works on tables; through a view it is nobody special.
        Reader(role: "weir_writer", organisation: nil, seesInTables: all, seesInViews: []),
        Reader(role: "weir_writer", organisation: "org-a", seesInTables: all, seesInViews: ["org-a"]),
        Reader(role: "weir_views", organisation: nil, seesInTables: [], seesInViews: []),
    ])
    func aRoleSeesItsOwn(_ reader: Reader) throws {
        for (kind, expected) in [("r", reader.seesInTables), ("v", reader.seesInViews)] {
            for relation in try relations(kind) {
                try connection.become(reader.role, organisation: reader.organisation)
                let seen = try connection.column("SELECT DISTINCT org_id FROM \(relation) ORDER BY 1")
                #expect(seen == expected, "\(relation)")
                try connection.query("RESET ROLE")
            }
        }
    }

    /// Else the matrix above would pass over a table that nobody put rows into.
    @Test func everyTableAndViewHasRowsToHide() throws {
        let relations = try relations("r") + relations("v")
        #expect(relations.count >= 5)
        for relation in relations {
            let present = try connection.column("SELECT DISTINCT org_id FROM \(relation) ORDER BY 1")
            #expect(present == Self.all, "\(relation): UsageRows inserts nothing there")
        }
    }

    @Test func rowSecurityBindsTheOwnerOfEveryTable() throws {
        let loose = try connection.column(
            """
            SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'billing'::regnamespace
            AND relkind = 'r' AND NOT (relrowsecurity AND relforcerowsecurity)
            """)
        #expect(loose == [])
    }

    @Test func aTableOfATopologysOwnIsProtectedLikewise() throws {
        try connection.query("CALL weir.create_usage_table('billing.usage_apps')")
        try connection.become("weir_writer", organisation: nil)
        try connection.query("INSERT INTO billing.usage_apps SELECT * FROM billing.usage")
        try connection.query("UPDATE billing.usage_apps SET revision = revision + 1")
        try connection.become("analyst", organisation: "org-b")
        #expect(try connection.column("SELECT org_id FROM billing.usage_apps") == ["org-b"])
        try connection.become("analyst", organisation: nil)
        #expect(try connection.column("SELECT org_id FROM billing.usage_apps") == [])
    }

    @Test func theWriterChangesTotalsAndOnlyAddsToTheRest() throws {
        try connection.become("weir_writer", organisation: nil)
        let changed = try connection.column("UPDATE billing.usage SET revision = revision + 1 RETURNING org_id")
        #expect(changed.sorted() == Self.all)
        for table in ["billing.correction", "billing.conflict"] {
            connection.expectDenied("UPDATE \(table) SET org_id = org_id", "\(table) is append-only")
        }
        for table in try relations("r") {
            connection.expectDenied("DELETE FROM \(table)", "\(table) keeps what it was told")
        }
    }

    @Test(arguments: ["analyst", "weir_admin"])
    func readersOnlyRead(_ role: String) throws {
        let tables = try relations("r")
        for relation in try tables + relations("v") {
            let writes = "has_table_privilege('\(role)', '\(relation)', 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')"
            #expect(try connection.column("SELECT \(writes)::text") == ["false"], "\(role) on \(relation)")
        }
        try connection.become(role, organisation: "org-a")
        for table in tables {
            connection.expectDenied("UPDATE \(table) SET org_id = org_id", "\(role) on \(table)")
            connection.expectDenied("DELETE FROM \(table)", "\(role) on \(table)")
        }
    }

    @Test func analystsHaveNoAccessToWeirsState() throws {
        let tables = try relations("r", schema: "weir")
        #expect(tables.contains("weir.partition"))
        try connection.become("analyst", organisation: "org-a")
        for table in tables { connection.expectDenied("SELECT FROM \(table)", "\(table)") }
    }

    @Test func onlyTheWriterReadsTheHashesSecret() throws {
        try connection.become("weir_admin", organisation: nil)
        connection.expectDenied("SELECT FROM weir.secret", "weir_admin")
        #expect(try connection.column("SELECT meter FROM weir.meter") == [])
        try connection.become("weir_writer", organisation: nil)
        #expect(try connection.query("SELECT FROM weir.secret").count == 1)
    }

    /// Tables (`r`) or views (`v`) of a schema.
    private func relations(_ kind: String, schema: String = "billing") throws -> [String] {
        try connection.column(
            """
            SELECT oid::regclass::text FROM pg_class
            WHERE relnamespace = '\(schema)'::regnamespace AND relkind = '\(kind)' ORDER BY 1
            """)
    }
}
