// Where a process can be looked at.

import ArgumentParser
import WeirCore
import WeirHTTP

struct ConsoleOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Serve the console, metrics and health here: /, /metrics, /livez, /startupz, /readyz. `:8080` is this "
                + "machine only, `0.0.0.0:8080` is everybody who can reach it.",
            valueName: "host:port"))
    var console: String?

    @Option(
        help: ArgumentHelp(
            "/readyz says no while a record has waited for longer than this: 1m, 30s.", valueName: "time"))
    var readyLag = "1m"

    @Option(
        name: .customLong("console-host"),
        help: ArgumentHelp(
            "A name that browsers may call the console by, besides localhost, addresses and this machine's own; may "
                + "be repeated. Others are refused: a stranger's page may have made them up.", valueName: "name"))
    var consoleHosts: [String] = []

    func validate() throws {
        if let console, ListenAddress(console) == nil {
            throw ValidationError("--console takes host:port or :port, as in --console :8080")
        }
        guard let limit = TimeSpan(parsing: readyLag), limit > .zero else {
            throw ValidationError("--ready-lag takes a time with a unit: 30s, 1m")
        }
    }

    /// For a console, and for who looks without one.
    func observatory() -> Observatory { Observatory(lagLimit: TimeSpan(parsing: readyLag)?.microseconds ?? 0) }

    /// Nil if nobody asked for it.
    ///
    /// - Parameters:
    ///   - postgres: connection string.
    ///   - schemas: that a dead letter's payload may need.
    func open(
        _ observatory: Observatory, postgres: String, schemas: @escaping DeadLetterDesk.Schemas
    ) throws(WeirError) -> HTTPServer? {
        guard let console, let address = ListenAddress(console) else { return nil }
        do {
            let console = Console(
                observatory, postgres: postgres, hosts: consoleHosts,
                letters: DeadLetterDesk(postgres, schemas: schemas))
            let server = try HTTPServer(host: address.host, port: address.port) { request in
                ServedRequests.note(request) { console.answer($0) ?? observatory.answer($0) }
            }
            console.start()
            return server
        } catch {
            let advice = error.isInUse ? "; choose another port, or :0 for one that is free" : ""
            throw WeirError(.unavailable, "--console: \(error)\(advice)")
        }
    }
}
