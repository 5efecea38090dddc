// A worker's connection to PostgreSQL, ready for the commit protocol.

internal import WeirCore
internal import WeirPostgres

/// Connected as weir_writer, time-outs set, statements prepared. After any error it is thrown away:
/// there is one way to recover, and that is a new session.
final class DatabaseSession {
    let connection: PostgresConnection
    /// Host, process and worker, for weir.partition.
    let owner: String

    init(_ job: Job, owner: String) throws(PostgresError) {
        self.owner = owner
        connection = try PostgresConnection(job.postgres, applicationName: "weir \(job.topology.name)")
        connection.longestWait = 45
        try connection.script(
            """
            SET ROLE weir_writer;
            SET statement_timeout = '30s';
            SET lock_timeout = '10s';
            SET idle_in_transaction_session_timeout = '60s';
            SET TimeZone = 'UTC';
            """)
        for statement in Statement.allCases {
            try connection.prepare(statement.rawValue, statement.sql(table: job.topology.outputs.table), types: [])
        }
    }
}
