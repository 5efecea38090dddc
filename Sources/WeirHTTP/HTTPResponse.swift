// What a client gets.

public struct HTTPResponse: Sendable {
    /// Writes a piece of a body that is still being made; false once the client is gone or takes nothing any more.
    public typealias Write = (_ bytes: [UInt8]) -> Bool

    public enum Body: Sendable {
        case bytes([UInt8])
        /// Called on the connection's own thread; the response ends when it returns.
        case stream(@Sendable (Write) -> Void)
    }

    public var status: Int
    public var headers: [(name: String, value: String)]
    public var body: Body

    public init(status: Int, headers: [(name: String, value: String)] = [], body: Body) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    public init(status: Int, type: String, text: String) {
        self.init(status: status, headers: [("Content-Type", type)], body: .bytes(Array(text.utf8)))
    }

    /// A plain sentence.
    init(refusing status: Int, _ words: String) {
        self.init(status: status, type: "text/plain; charset=utf-8", text: words + "\n")
    }

    static func phrase(_ status: Int) -> String { phrases[status] ?? "Status" }

    private static let phrases = [
        200: "OK", 204: "No Content", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
        405: "Method Not Allowed", 408: "Request Timeout", 409: "Conflict", 411: "Length Required",
        413: "Content Too Large", 415: "Unsupported Media Type", 422: "Unprocessable Content",
        431: "Request Header Fields Too Large", 500: "Internal Server Error", 501: "Not Implemented",
        503: "Service Unavailable", 505: "HTTP Version Not Supported",
    ]
}
