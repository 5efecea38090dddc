// The PostgreSQL server that all integration tests of a process share.

import Foundation
import Synchronization
import WeirPostgres

/// A throw-away server, started when the first test asks and stopped when the process exits; or the server that
/// `$WEIR_POSTGRES` names, as superuser, on which the process drops its databases then.
enum TestPostgres {
    /// Connects to a database that exists, as superuser.
    static func administration() throws -> String { try server.get().connection }

    /// Has a database dropped at the end.
    static func remember(database: String) { databases.withLock { $0.append(database) } }

    private struct Server {
        let connection: String
        let throwaway: ThrowawayPostgres?
    }

    private static let databases = Mutex<[String]>([])

    private static let server: Result<Server, any Error> = {
        atexit { TestPostgres.cleanUp() }
        if let named = ProcessInfo.processInfo.environment["WEIR_POSTGRES"] {
            return .success(Server(connection: named, throwaway: nil))
        }
        return Result {
            let throwaway = try ThrowawayPostgres()
            return Server(connection: throwaway.connectionString, throwaway: throwaway)
        }
    }()

    private static func cleanUp() {
        guard let server = try? server.get() else { return }
        if let throwaway = server.throwaway { return throwaway.stop() }
        guard let connection = try? PostgresConnection(server.connection) else { return }
        for name in databases.withLock({ $0 }) {
            _ = try? connection.query("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
        }
    }
}
