// A PostgreSQL server that lives as long as this process: for tests, the demo and `weir postgres`.

internal import Foundation
internal import Synchronization
public import WeirCore

/// A fresh cluster in a temporary folder, reached through a Unix socket in that folder and nothing else.
///
/// - Only the folder's owner (and root) can connect: it is closed to others, so that `trust` is safe.
/// - Durable like production (`fsync` and `synchronous_commit` on), small otherwise.
/// - Gone without a trace at `stop`, and when this process ends in any other way, `kill -9` included: see
///   `LifelineProcess`. Should that helper be killed, too, the server still dies of it and the folder stays.
/// - PostgreSQL refuses to run as root; root runs it as the user `postgres`.
public final class ThrowawayPostgres: Sendable {
    public static let user = "postgres"

    /// Holds the data, the socket and the server's log.
    public let folder: String
    private let supervisor: Mutex<LifelineProcess?>

    /// Starts a server and waits until it takes connections; takes about two seconds.
    ///
    /// - Parameter parent: where the temporary folder goes; `$TMPDIR`, or `/tmp`, if nil.
    public init(parent: String? = nil) throws(WeirError) {
        let binaries = try PostgresBinaries.find()
        let folder = try Self.makeFolder(parent: parent)
        self.folder = folder
        do {
            let account = try Self.serverAccount(owning: folder)
            let process = try LifelineProcess(
                script: Self.script,
                environment: Self.environment(binaries: binaries, folder: folder, account: account),
                log: folder + "/server.log")
            try Self.waitUntilReady(process, Self.connectionString(folder: folder, database: "postgres"))
            supervisor = Mutex(process)
        } catch {
            try? FileManager.default.removeItem(atPath: folder)
            throw error
        }
    }

    deinit { stop() }

    /// Stops the server at once and removes the folder. Does nothing the second time.
    public func stop() {
        let process = supervisor.withLock { $0.take() }
        process?.stop()
    }

    /// What the server said last, if it has ended though nobody stopped it; nil while it runs. Its folder is gone then.
    public var lastWords: String? {
        supervisor.withLock { process in
            switch process {
            case .some(let process): process.hasEnded ? process.lastOutput : nil
            case nil: nil
            }
        }
    }

    /// Connects to the database `postgres` as superuser.
    public var connectionString: String { connectionString(database: "postgres") }

    public func connectionString(database: String) -> String {
        Self.connectionString(folder: folder, database: database)
    }

    /// Makes an empty database.
    ///
    /// - Parameter name: letters, digits and underscores.
    /// - Returns: the connection string for it.
    @discardableResult
    public func createDatabase(_ name: String) throws(WeirError) -> String {
        precondition(name.utf8.allSatisfy { Self.isPlain($0) && $0 != UInt8(ascii: "/") }, "not a plain name: \(name)")
        do {
            try PostgresConnection(connectionString).query("CREATE DATABASE \"\(name)\"")
        } catch {
            throw WeirError(.unavailable, "cannot create database \(name): \(error)")
        }
        return connectionString(database: name)
    }

    /// Leaves so much of the write-ahead log to be used again, as on a server that has run for a while.
    ///
    /// A fresh cluster has one segment. Each further one is 16 MB of zeroes and an fsync, for which the commit that needs
    /// it waits some 20 ms; after its first checkpoints a server renames old ones instead.
    ///
    /// - Parameter segments: at most the 64 that `max_wal_size` keeps.
    public func recycleLog(segments: Int) throws(PostgresError) {
        let connection = try PostgresConnection(connectionString)
        for _ in 0..<segments {
            // Nothing is switched at a segment's very beginning.
            try connection.query("SELECT pg_logical_emit_message(false, 'weir', '')")
            try connection.query("SELECT pg_switch_wal()")
        }
        try connection.query("CHECKPOINT")
    }

    // MARK: -

    private static func connectionString(folder: String, database: String) -> String {
        "host=\(folder) user=\(user) dbname=\(database)"
    }

    private static func makeFolder(parent: String?) throws(WeirError) -> String {
        let parent = parent ?? ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        let root = parent.hasSuffix("/") ? String(parent.dropLast()) : parent
        // The path goes into a connection string, a server setting and a socket address of 107 bytes.
        guard root.hasPrefix("/"), root.utf8.count <= 70, root.utf8.allSatisfy(isPlain) else {
            throw WeirError(
                .usage, "\(parent): PostgreSQL's temporary folder needs a short absolute path of plain characters",
                advice: "Name another one, or set TMPDIR to one.")
        }
        var template = Array("\(root)/weir-postgres-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw WeirError(.unavailable, "cannot make a folder in \(root): \(String(cString: strerror(errno)))")
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch Unicode.Scalar(byte) {
        case "a"..."z", "A"..."Z", "0"..."9", "/", ".", "_", "-", "+", "~": true
        default: false
        }
    }

    /// What `setpriv` needs to leave root behind; nothing for an ordinary user.
    private static func serverAccount(owning folder: String) throws(WeirError) -> String {
        guard geteuid() == 0 else { return "" }
        guard let entry = getpwnam("postgres") ?? getpwnam("nobody") else {
            throw WeirError(
                .unavailable, "PostgreSQL refuses to run as root, and there is no user postgres to run it as",
                advice: "Run `sudo apt-get install --yes postgresql`, or run Weir as an ordinary user.")
        }
        let (user, group) = (entry.pointee.pw_uid, entry.pointee.pw_gid)
        guard chown(folder, user, group) == 0 else {
            throw WeirError(.unavailable, "cannot give \(folder) to user \(user): \(String(cString: strerror(errno)))")
        }
        return "--reuid=\(user) --regid=\(group) --clear-groups"
    }

    private static func environment(binaries: String, folder: String, account: String) -> [String: String] {
        let inherited = ProcessInfo.processInfo.environment.filter { ["PATH", "LD_LIBRARY_PATH"].contains($0.key) }
        let own = ["LC_ALL": "C", "WEIR_BIN": binaries, "WEIR_FOLDER": folder, "WEIR_ACCOUNT": account]
        return inherited.merging(own) { $1 }
    }

    /// Waits for end of file in the background, then signals the whole group: immediate shutdown. Closing
    /// descriptor 3 keeps the socket out of the server's hands.
    private static let script = """
        exec 3<&0 </dev/null
        cd "$WEIR_FOLDER" || exit 1
        ulimit -c 0
        trap : QUIT
        (trap - QUIT; read -r nothing <&3; kill -QUIT 0) &
        watcher=$!
        as="setpriv --pdeathsig QUIT $WEIR_ACCOUNT"
        $as "$WEIR_BIN/initdb" --pgdata="$WEIR_FOLDER/data" --username=\(user) --auth=trust --encoding=UTF8 \\
            --no-locale --no-sync 3<&- &&
        $as "$WEIR_BIN/postgres" -D "$WEIR_FOLDER/data" -c listen_addresses= -c unix_socket_directories="$WEIR_FOLDER" \\
            -c timezone=UTC -c log_timezone=UTC -c fsync=on -c synchronous_commit=on -c shared_buffers=128MB \\
            -c max_wal_size=1GB -c max_connections=200 3<&-
        kill "$watcher" 2>/dev/null
        cd / && rm -rf "$WEIR_FOLDER"
        """

    private static func waitUntilReady(_ process: borrowing LifelineProcess, _ connection: String) throws(WeirError) {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            do {
                _ = try PostgresConnection(connection)
                return
            } catch {
                guard !process.hasEnded else {
                    throw WeirError(.unavailable, "PostgreSQL did not start. Its last words:\n\(process.lastOutput)")
                }
                guard ContinuousClock.now < deadline else {
                    throw WeirError(
                        .unavailable, "PostgreSQL did not take connections within 60 s: \(error.message)",
                        advice: "Its last words:\n\(process.lastOutput)")
                }
                poll(nil, 0, 10)
            }
        }
    }
}
