// Where a registry is and how to be let in.

public import WeirCore
internal import WeirHTTP

public struct RegistrySettings: Sendable {
    public enum Credentials: Sendable, Equatable {
        case none
        case basic(user: String, password: String)
        case bearer(String)
    }

    /// Instances of one registry, tried in turn. Without slash at the end.
    public let urls: [String]
    public var credentials = Credentials.none
    /// PEM file of the authorities that the server's certificate must be from; nil for the system's.
    public var authority: String?
    /// PEM files of a client certificate and its key.
    public var certificate: String?
    public var key: String?
    /// Longest for one request, in milliseconds; connecting may take a third of it.
    public var timeout = 6000

    /// - Parameter urls: separated by commas.
    /// - Throws: `WeirError(.usage)` for what is no URL, or holds a password.
    public init(urls text: String) throws(WeirError) {
        var urls: [String] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            var url = part.drop { $0 == " " }
            while let last = url.last, last == "/" || last == " " { url.removeLast() }
            let rest = url.hasPrefix("http://") ? url.dropFirst(7) : url.hasPrefix("https://") ? url.dropFirst(8) : ""
            guard !rest.isEmpty, rest.utf8.allSatisfy({ (33...126).contains($0) }), !rest.contains("?") else {
                throw WeirError(
                    .usage, "'\(part)' is no address of a schema registry",
                    advice: "Expected http://host:port or https://host:port, several separated by commas.")
            }
            guard !(rest.split(separator: "/").first ?? "").contains("@") else {
                throw WeirError(
                    .usage, "a password does not belong into the registry's address, where everybody can read it",
                    advice: "Set WEIR_REGISTRY_USER and WEIR_REGISTRY_PASSWORD, or use --registry-credentials FILE.")
            }
            urls.append(String(url))
        }
        self.urls = urls
    }
}

extension RegistrySettings {
    static let mediaType = "application/vnd.schemaregistry.v1+json"

    var http: HTTPClient.Settings {
        var http = HTTPClient.Settings()
        http.accepts = "\(Self.mediaType), application/json"
        http.timeout = timeout
        http.credentials =
            switch credentials {
            case .none: .none
            case .basic(let user, let password): .basic(user: user, password: password)
            case .bearer(let token): .bearer(token)
            }
        http.authority = authority
        http.certificate = certificate
        http.key = key
        return http
    }
}
