// Where a server listens: `host:port`, `[::1]:port`, or `:port` for this machine only.

struct ListenAddress {
    let host: String
    let port: Int

    /// Nil for anything else.
    init?(_ text: String) {
        // `[::1]:9308` has colons in its host.
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        self.host = host.isEmpty ? "127.0.0.1" : String(host)
        self.port = Int(port)
    }

    /// For a browser on this machine.
    var url: String {
        let name = ["0.0.0.0", "::"].contains(host) ? "127.0.0.1" : host
        return "http://\(name.contains(":") ? "[\(name)]" : name):\(port)/"
    }
}
