// Whether a browser that asks means this console.

/// Against DNS rebinding: a stranger's page gives its own name the address of this machine, and the browser then takes
/// what is read here for the stranger's. The name is in the `Host` field, and a page cannot forge it.
package struct HostCheck: Sendable {
    private let names: Set<String>

    /// - Parameter names: that the console may be called by, besides `localhost` and addresses.
    package init(names: [String]) { self.names = Set(names.map { $0.lowercased() } + ["localhost"]) }

    /// - Parameter host: the field, with or without a port.
    package func allows(_ host: String?) -> Bool {
        guard let host, !host.isEmpty else { return false }
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return false }
            let address = host[host.index(after: host.startIndex)..<end]
            return Self.isPort(host[host.index(after: end)...]) && address.contains(":")
                && address.allSatisfy { $0.isASCII && ($0.isHexDigit || $0 == ":" || $0 == ".") }
        }
        let name = host.prefix { $0 != ":" }
        guard Self.isPort(host.dropFirst(name.count)) else { return false }
        return names.contains(name.lowercased()) || Self.isAddress(name)
    }

    /// Nobody can rebind an address.
    private static func isAddress(_ text: Substring) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil && $0.first != "+" }
    }

    private static func isPort(_ rest: Substring) -> Bool {
        rest.isEmpty || rest.first == ":" && UInt16(rest.dropFirst()) != nil && rest.dropFirst().first != "+"
    }
}
