// What a pipeline must make of a set of records: the truth that its results are checked against.

/// Counts and results, computed one event at a time by code that shares nothing with the pipeline's.
public struct Expectation: Codable, Sendable, Equatable {
    /// What was produced. `produced` is the sum of `unique`, `repeats`, `conflicts` and `deadLetters`.
    public struct Counts: Codable, Sendable, Equatable {
        public var produced = 0
        public var unique = 0
        public var repeats = 0
        public var conflicts = 0
        public var deadLetters = 0

        public init() {}

        enum CodingKeys: String, CodingKey {
            case produced, unique, repeats, conflicts
            case deadLetters = "dead_letters"
        }
    }

    /// One result. Windows are in microseconds since 1970, the end exclusive.
    public struct Usage: Codable, Sendable, Equatable {
        public var organisation: String
        public var meter: String
        public var windowStart: Int64
        public var windowEnd: Int64
        /// By path as written in `group_by`; a null is "".
        public var dimensions: [String: String]
        /// A decimal number, exact.
        public var quantity: String
        public var eventCount: Int64

        public init(
            organisation: String, meter: String, windowStart: Int64, windowEnd: Int64, dimensions: [String: String],
            quantity: String, eventCount: Int64
        ) {
            self.organisation = organisation
            self.meter = meter
            self.windowStart = windowStart
            self.windowEnd = windowEnd
            self.dimensions = dimensions
            self.quantity = quantity
            self.eventCount = eventCount
        }

        enum CodingKeys: String, CodingKey {
            case organisation = "org_id"
            case meter, dimensions, quantity
            case windowStart = "window_start"
            case windowEnd = "window_end"
            case eventCount = "event_count"
        }
    }

    public var topology: String
    public var counts: Counts
    /// The same counts by topic.
    public var topics: [String: Counts]
    /// Topic → reason (`DeadLetterReason.rawValue`) → records.
    public var deadLetters: [String: [String: Int]]
    /// By organisation, meter, window and dimensions.
    public var usage: [Usage]

    public init(
        topology: String, counts: Counts, topics: [String: Counts], deadLetters: [String: [String: Int]],
        usage: [Usage]
    ) {
        self.topology = topology
        self.counts = counts
        self.topics = topics
        self.deadLetters = deadLetters
        self.usage = usage
    }

    enum CodingKeys: String, CodingKey {
        case topology, counts, topics, usage
        case deadLetters = "dead_letters"
    }
}
