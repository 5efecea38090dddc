// What can come of asking a registry.

/// The registry's answer that it does not do it, or why there is no answer.
public struct RegistryError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: Sendable {
        /// There is no such schema, subject or version: 404 with one of the registry's own codes.
        case absent
        /// 409: the version before is not compatible.
        case incompatible
        /// 422: what was sent is not valid or not allowed.
        case invalid
        /// 401 or 403: who asks is not let in.
        case refused
        /// No answer, or one that says nothing about the question; another time it may.
        case unavailable
    }

    public let kind: Kind
    /// The registry's code: 40403, 50003; nil if it gave none.
    public let code: Int?
    public let message: String

    public init(_ kind: Kind, code: Int? = nil, _ message: String) {
        self.kind = kind
        self.code = code
        self.message = message
    }

    public var description: String { code.map { "\(message) (\($0))" } ?? message }

    /// By status and the registry's own code. A 404 without such a code is no registry's, and says nothing about ids:
    /// a proxy, or a wrong path.
    init(status: Int, code: Int?, message: String, url: String) {
        let words = message.isEmpty ? "\(url) answered \(status)" : "\(url): \(message)"
        switch (status, code) {
        case (404, let code?) where (40401...40499).contains(code): self.init(.absent, code: code, message)
        case (409, _): self.init(.incompatible, code: code, message)
        case (422, _): self.init(.invalid, code: code, message)
        case (401, _), (403, _): self.init(.refused, code: code, "\(words): who asks is not let in")
        default: self.init(.unavailable, code: code, words)
        }
    }

    /// Codes by name, for the server and for tests.
    public enum Code {
        public static let subjectNotFound = 40401
        public static let versionNotFound = 40402
        public static let schemaNotFound = 40403
        public static let noSubjectLevel = 40408
        public static let invalidSchema = 42201
        public static let invalidVersion = 42202
        public static let invalidLevel = 42203
        public static let notPermitted = 42205
        public static let invalidSubject = 42208
        public static let storeFailed = 50001
    }
}
