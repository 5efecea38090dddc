// An error of PostgreSQL or of the connection to it, with the class that decides what happens next.

public struct PostgresError: Error, Sendable, CustomStringConvertible {
    /// Five characters (PostgreSQL manual, appendix A); `08006` when the connection itself failed.
    public let sqlState: String
    public let message: String

    public init(sqlState: String, message: String) {
        self.sqlState = sqlState
        self.message = message
    }

    static func connection(_ message: String) -> PostgresError {
        PostgresError(sqlState: "08006", message: message)
    }

    public var description: String { "PostgreSQL: \(message) (\(sqlState))" }

    /// The statement itself is wrong: missing table or right, bad value, broken constraint. Trying again
    /// changes nothing. Everything else (connection, lock, disk, shutdown, timeout) heals by waiting.
    public var isPermanent: Bool {
        switch sqlState.prefix(2) {
        case "0A", "21", "22", "23", "28", "3D", "3F", "42", "54", "P0", "XX": true
        default: false
        }
    }

    /// The partition's epoch or offset is not the caller's any more (`weir.advance`).
    public var isFenced: Bool { sqlState == "WE001" }

    /// A newer version of the topology has changed its meters (`weir.require_version`).
    public var isSuperseded: Bool { sqlState == "WE002" }

    /// A statement or a lock took longer than it may.
    public var isTimeout: Bool { sqlState == "57014" || sqlState == "55P03" }
}
