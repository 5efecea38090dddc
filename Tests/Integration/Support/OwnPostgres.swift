// A PostgreSQL server of a test's own that can go away and come back.

import Foundation
import WeirCore
import WeirPostgres

/// Unlike `ThrowawayPostgres` it may be stopped and started again, and frozen. The test's process kills it at the
/// latest when the value goes away; should that process be killed, `Leash` does.
final class OwnPostgres {
    /// Holds the data and the socket.
    let folder: String
    private let binaries: String
    /// `setpriv …` if this is root, as whom PostgreSQL does not run.
    private let account: [String]
    private var server: ChildProcess?

    init() throws {
        var template = Array("/tmp/weir-own-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw POSIXError(.EIO) }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        binaries = try PostgresConnection(TestPostgres.administration())
            .column("SELECT setting FROM pg_config WHERE name = 'BINDIR'")[0]
        account = geteuid() == 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : []
        try giveAway(folder)
        let initialise = try run(["initdb", "-D", data, "-U", ThrowawayPostgres.user, "-A", "trust", "-E", "UTF8"]) {
            $0 + ["--no-locale", "--no-sync"]
        }
        try waitUntil("PostgreSQL's folder is made") { !initialise.isRunning }
        guard initialise.end == .status(0) else { throw Command.Failure(description: "initdb failed") }
        try start()
    }

    deinit {
        if let server {
            // A frozen process takes no other signal.
            for process in processes { Glibc.kill(process, SIGKILL) }
            Leash.end(server)
        }
        try? FileManager.default.removeItem(atPath: folder)
    }

    private var data: String { folder + "/data" }

    func connectionString(_ database: String) -> String {
        "host=\(folder) user=\(ThrowawayPostgres.user) dbname=\(database)"
    }

    /// Leaves a folder to the user that the server runs as.
    func giveAway(_ folder: String) throws {
        if geteuid() == 0 { _ = try Command.run("chown", "postgres:postgres", folder) }
    }

    /// Starts it and waits until it takes connections.
    func start() throws {
        let process = try run(["postgres", "-D", data, "-k", folder]) {
            $0 + ["-c", "listen_addresses=", "-c", "timezone=UTC", "-c", "shared_buffers=32MB"]
        }
        server = process
        Leash.tie(process)
        try waitUntil("PostgreSQL is there") { (try? PostgresConnection(connectionString("postgres"))) != nil }
    }

    /// Cuts all sessions and ends, in order: `pg_ctl stop -m fast`.
    func stop() throws {
        guard let server else { return }
        server.signal(SIGINT)
        try waitUntil("PostgreSQL has stopped") { !server.isRunning }
        Leash.untie(server)
        self.server = nil
    }

    /// All its processes die at once, as with their machine.
    func crash() throws {
        guard let server else { return }
        for process in processes { Glibc.kill(process, SIGKILL) }
        try waitUntil("PostgreSQL is gone") { !server.isRunning }
        Leash.untie(server)
        self.server = nil
    }

    /// It does not answer and does not hang up, as behind a cut cable.
    func freeze() { for process in processes { Glibc.kill(process, SIGSTOP) } }

    func thaw() { for process in processes.reversed() { Glibc.kill(process, SIGCONT) } }

    /// The postmaster, which makes the others, first.
    private var processes: [Int32] {
        guard let server, server.isRunning else { return [] }
        let postmaster = server.id
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap { Int32($0) } ?? []
        let children = numbers.filter { number in
            let status = try? String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8)
            // Behind the name, which may hold anything: state, parent.
            let fields = status?.split(separator: ")").last?.split(separator: " ")
            return fields.map { $0.count > 1 && $0[1] == "\(postmaster)" } ?? false
        }
        return [postmaster] + children
    }

    private func run(_ command: [String], _ more: ([String]) -> [String]) throws -> ChildProcess {
        let words = account + ["\(binaries)/\(command[0])"] + more(Array(command.dropFirst()))
        return try ChildProcess(
            words[0], Array(words.dropFirst()), environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C"],
            directory: folder, output: .nothing, errors: .nothing)
    }
}

extension TestDatabase {
    /// One with Weir's tables on a server of the test's own.
    ///
    /// - Parameter clause: of CREATE DATABASE.
    init(migratedOn server: OwnPostgres, clause: String = "") throws {
        name = "weir"
        try PostgresConnection(server.connectionString("postgres")).query("CREATE DATABASE weir \(clause)")
        connectionString = server.connectionString("weir")
        try migrate()
    }
}
