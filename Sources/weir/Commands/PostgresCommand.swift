// `weir postgres`: a throw-away PostgreSQL server, in a process of its own.

import ArgumentParser
import WeirCore
import WeirPostgres

struct PostgresCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "postgres",
        abstract: "Runs a throw-away PostgreSQL server until it is interrupted.",
        discussion: """
            Needs PostgreSQL's server programs: the newest under /usr/lib/postgresql, or on the PATH, or in \
            $WEIR_POSTGRES_BIN. Everything is in a temporary folder, which is removed at the end. Only the user who \
            started it can connect, through a socket in that folder.
            """
    )

    @Option(help: ArgumentHelp("An empty database to make.", valueName: "name"))
    var database = "weir"

    @Option(help: ArgumentHelp("Where the temporary folder goes; $TMPDIR, or /tmp, if not given.", valueName: "folder"))
    var folder: String?

    @Option(
        help: ArgumentHelp(
            "Write the connection string to this file once clients can connect; removed at the end.",
            valueName: "file"))
    var connectionFile: String?

    @Flag(help: "Print the connection string and nothing else.")
    var printConnectionOnly = false

    func validate() throws {
        guard !database.isEmpty, database.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }) else {
            throw ValidationError("--database \(database): letters, digits and underscores")
        }
    }

    func run() throws {
        Signals.block()
        let server = try ThrowawayPostgres(parent: folder)
        defer { server.stop() }
        let connection = database == "postgres" ? server.connectionString : try server.createDatabase(database)
        let ready = connectionFile.map { ReadyFile(path: $0) }
        try ready?.write(connection)
        defer { ready?.remove() }
        if printConnectionOnly {
            say(connection)
        } else {
            say(
                """
                Throw-away PostgreSQL in \(server.folder)
                Everything in it is gone when this process ends.

                  export WEIR_POSTGRES="\(connection)"
                  psql "\(connection)"

                Ctrl-C ends it.
                """)
        }
        while Signals.wait(milliseconds: 200) == nil {
            guard let words = server.lastWords else { continue }
            throw WeirError(
                .unavailable, "PostgreSQL has ended by itself; everything in \(server.folder) is gone",
                advice: "Its last words:\n" + words.split(separator: "\n").suffix(5).joined(separator: "\n"))
        }
    }
}
