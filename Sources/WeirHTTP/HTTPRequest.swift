// What a client asked for.

public struct HTTPRequest: Sendable {
    public let method: String
    /// The path's segments, percent-decoded: `/subjects/a%2Fb` is `["subjects", "a/b"]`.
    public let path: [String]
    /// Parameters behind the question mark, decoded; of those given twice the last.
    public let query: [String: String]
    /// Names in lower case.
    public let headers: [String: String]
    public let body: [UInt8]
    /// The target as it was sent, for logs.
    public let target: String
}
