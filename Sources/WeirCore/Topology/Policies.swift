// What a topology does about trouble: retries, the breaker, quotas.

/// How often and how long to try again: exponential, with full jitter.
public struct RetryPolicy: Sendable, Equatable {
    /// Longest first wait.
    public var first: TimeSpan
    /// Longest wait of all.
    public var longest: TimeSpan

    public init(first: TimeSpan, longest: TimeSpan) {
        self.first = first
        self.longest = longest
    }
}

/// Retries by class of failure. Failures of class record are never retried, of class code never survived.
public struct Retries: Sendable, Equatable {
    /// PostgreSQL or the brokers are away: tried for ever, nothing is dropped.
    public var sink: RetryPolicy
    /// A record's schema id is unknown.
    public var schema: RetryPolicy
    /// How long such a record waits before it is a dead letter; zero does not wait.
    public var schemaDeadline: TimeSpan

    public init(
        sink: RetryPolicy = RetryPolicy(first: .milliseconds(50), longest: .seconds(5)),
        schema: RetryPolicy = RetryPolicy(first: .seconds(1), longest: .seconds(30)),
        schemaDeadline: TimeSpan = .seconds(300)
    ) {
        self.sink = sink
        self.schema = schema
        self.schemaDeadline = schemaDeadline
    }
}

/// Stops a topology whose records become dead letters by the dozen: a bad deployment, not bad records.
public struct BreakerPolicy: Sendable, Equatable {
    /// Of a hundred records, more dead letters than this are too many; 100 never trips.
    public var deadLetterPercent: Int
    /// Records that the share is taken of, at least.
    public var over: Int

    public init(deadLetterPercent: Int = 50, over: Int = 1000) {
        self.deadLetterPercent = deadLetterPercent
        self.over = over
    }
}

/// What an organisation may use of each source, per second and in a burst.
public struct Quota: Sendable, Equatable {
    /// Nil is no limit.
    public var eventsPerSecond: Int?
    /// Payload bytes; nil is no limit.
    public var bytesPerSecond: Int?

    public init(eventsPerSecond: Int?, bytesPerSecond: Int?) {
        self.eventsPerSecond = eventsPerSecond
        self.bytesPerSecond = bytesPerSecond
    }
}

public struct Quotas: Sendable, Equatable {
    public enum Excess: String, Sendable, CaseIterable {
        /// Waits in PostgreSQL, and is metered as the quota allows. Other organisations are not held up.
        case delay
        /// Goes to `<topic>.overflow` and is not metered from here.
        case divert
    }

    /// Of every organisation that is not named.
    public var usual: Quota
    public var organisations: [String: Quota]
    /// What may be used at once after a quiet time, as seconds of the quota.
    public var burst: TimeSpan
    public var over: Excess

    public init(usual: Quota, organisations: [String: Quota] = [:], burst: TimeSpan = .seconds(10), over: Excess) {
        self.usual = usual
        self.organisations = organisations
        self.burst = burst
        self.over = over
    }
}
