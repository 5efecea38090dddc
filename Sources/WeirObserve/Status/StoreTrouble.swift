// What PostgreSQL does not do for a worker now.

/// Commits or take-overs that fail, or a commit that has had no answer for long. Times are microseconds since 1970.
public struct StoreTrouble: Sendable, Equatable {
    /// Whose: host, process and worker, as in weir.partition.
    public var owner: String
    /// When the first attempt failed; of one that has no answer, when it began.
    public var since: Int64
    /// Attempts that failed since then; 0 while the first has no answer.
    public var attempts: Int
    /// Of the last attempt that failed.
    public var message: String

    public init(owner: String, since: Int64, attempts: Int, message: String) {
        self.owner = owner
        self.since = since
        self.attempts = attempts
        self.message = message
    }
}
