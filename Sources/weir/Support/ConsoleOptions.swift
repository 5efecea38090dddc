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

    private struct Address {
        let host: String
        let port: Int

        init?(_ text: String) {
            guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
                return nil
            }
            var host = text[..<colon]
            if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
            self.host = host.isEmpty ? "127.0.0.1" : String(host)
            self.port = Int(port)
        }
    }

    func validate() throws {
        if let console, Address(console) == nil {
            throw ValidationError("--console takes host:port or :port, as in --console :8080")
        }
        guard let limit = TimeSpan(parsing: readyLag), limit > .zero else {
            throw ValidationError("--ready-lag takes a time with a unit: 30s, 1m")
        }
    }

    /// For who looks without a console.
    func observatory() -> Observatory { Observatory(lagLimit: TimeSpan(parsing: readyLag)?.microseconds ?? 0) }

    /// Nil if nobody asked for it.
    func open() throws(WeirError) -> (observatory: Observatory, server: HTTPServer)? {
        guard let console, let address = Address(console) else { return nil }
        let observatory = self.observatory()
        do {
            let server = try HTTPServer(host: address.host, port: address.port) { observatory.answer($0) }
            return (observatory, server)
        } catch {
            throw WeirError(.unavailable, "--console: \(error)", advice: "Choose another address or port.")
        }
    }
}
