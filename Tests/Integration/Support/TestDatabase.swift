// A database of a test's own.

import TestSupport
import WeirPostgres

/// It stays until the process exits: tied to a value's lifetime, it would go when the optimiser sees the last use
/// of that value, though a connection to it is still open.
struct TestDatabase {
    let name: String
    let connectionString: String

    /// An empty database on the shared server.
    ///
    /// - Parameter owner: a role that exists; whoever connects if nil.
    init(owner: String? = nil) throws {
        let name = "weir_test_" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
        let administration = try TestPostgres.administration()
        try PostgresConnection(administration).query(
            "CREATE DATABASE \(name)" + (owner.map { " OWNER \($0)" } ?? ""))
        TestPostgres.remember(database: name)
        self.name = name
        connectionString = ConnectionString.selecting(database: name, in: administration)
    }

    /// An empty database on a server of the test's own.
    init(on server: ThrowawayPostgres, named name: String) throws {
        self.name = name
        connectionString = try server.createDatabase(name)
    }

    /// One with Weir's tables, views and roles.
    static func migrated() throws -> TestDatabase {
        let database = try TestDatabase()
        try database.migrate()
        return database
    }

    func connect() throws -> PostgresConnection {
        try PostgresConnection(connectionString, applicationName: "weir tests")
    }

    /// - Returns: names of the migrations that ran.
    @discardableResult
    func migrate() throws -> [String] { try Migrator(connect()).migrate(Self.migrations()) }

    static func migrations() throws -> [Migration] {
        try Migration.load(folder: Repository.path("deploy/postgres/migrations"))
    }
}
