// Where a process can be looked at.

import ArgumentParser
import WeirCore
import WeirHTTP

struct ConsoleOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Serve metrics and health here: /metrics, /livez, /startupz, /readyz. `:8080` is this machine only, "
                + "`0.0.0.0:8080` is everybody who can reach it.",
            valueName: "host:port"))
    var console: String?

    @Option(
        help: ArgumentHelp(
            "/readyz says no while a record has waited for longer than this: 1m, 30s.", valueName: "time"))
    var readyLag = "1m"

    func validate() throws {
        if let console, ListenAddress(console) == nil {
            throw ValidationError("--console takes host:port or :port, as in --console :8080")
        }
        guard let limit = TimeSpan(parsing: readyLag), limit > .zero else {
            throw ValidationError("--ready-lag takes a time with a unit: 30s, 1m")
        }
    }

    /// Nil if nobody asked for it.
    func open() throws(WeirError) -> (observatory: Observatory, server: HTTPServer)? {
        guard let console, let address = ListenAddress(console), let limit = TimeSpan(parsing: readyLag) else {
            return nil
        }
        let observatory = Observatory(lagLimit: limit.microseconds)
        do {
            let server = try HTTPServer(host: address.host, port: address.port) { observatory.answer($0) }
            return (observatory, server)
        } catch {
            throw WeirError(.unavailable, "--console: \(error)", advice: "Choose another address or port.")
        }
    }
}
