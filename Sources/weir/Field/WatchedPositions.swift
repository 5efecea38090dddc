// How far Weir is, asked hundreds of times a second beside it.

import WeirBench
import WeirKafka
import WeirPostgres

/// The server parses and plans the question once: what the look costs is taken from what is looked at.
struct WatchedPositions: PositionSource {
    private let connection: PostgresConnection

    /// - Parameter string: of the connection, in libpq's words.
    init(_ string: String) throws {
        connection = try PostgresConnection(string, applicationName: "weir bench")
        connection.longestWait = 60
        try connection.query("PREPARE positions AS \(FieldDatabase.positionsQuery)")
    }

    func positions() throws -> [TopicPartition: Int64] {
        FieldDatabase.positions(of: try connection.query("EXECUTE positions"))
    }
}
