// What one round of questions to a cluster brought.

public import WeirKafka

public struct LagRound: Sendable {
    /// What was learnt of one group.
    public struct Group: Sendable {
        /// Nil if the broker does not say.
        public var members: Int?
        public var observations: [TopicPartition: Observation] = [:]
        /// Why partitions that the group has to do with were not seen, in words.
        public var failures: [TopicPartition: String] = [:]
        /// Why nothing was learnt of the group; nil if something was.
        public var failure: String?

        public init(members: Int? = nil) { self.members = members }
    }

    /// When its last answer came: microseconds since 1970.
    public var time: Int64
    public var groups: [String: Group] = [:]
    /// Why the round may have missed groups; nil if it has all.
    public var failure: String?

    public init(time: Int64) { self.time = time }
}
