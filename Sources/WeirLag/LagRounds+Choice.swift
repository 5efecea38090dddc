// Which groups and topics somebody wants to know of, and which partitions that makes.

public import WeirKafka

extension LagRounds {
    public struct Choice: Sendable {
        /// Empty for all that the cluster lists.
        public var groups: [String]
        /// Empty for all.
        public var topics: Set<String>

        public init(groups: [String] = [], topics: Set<String> = []) {
            self.groups = groups
            self.topics = topics
        }

        func takes(_ topic: String) -> Bool { topics.isEmpty || topics.contains(topic) }

        /// Partitions that a group has to do with, and what it committed of each; nil if it has nothing to do with the
        /// chosen topics, and was not asked for by name.
        ///
        /// All partitions of a topic of which the group has one: of a dead group whose commit of a partition expired, or
        /// that never came to it, nothing but its other partitions tells. Also all of a topic that was named together
        /// with the group: somebody expects it to read that.
        ///
        /// - Parameter existing: partitions of the cluster by topic.
        public func concern(
            of committed: [TopicPartition: Int64], assigned: Set<TopicPartition>, existing: [String: [TopicPartition]]
        ) -> [TopicPartition: Int64?]? {
            var concern: [TopicPartition: Int64?] = [:]
            for partition in assigned where takes(partition.topic) { concern[partition] = .some(nil) }
            for (partition, offset) in committed where takes(partition.topic) { concern[partition] = offset }
            if concern.isEmpty, groups.isEmpty, !topics.isEmpty { return nil }
            for topic in Set(concern.keys.map(\.topic)).union(groups.isEmpty ? [] : topics) {
                for partition in existing[topic] ?? [] where concern[partition] == nil {
                    concern[partition] = .some(nil)
                }
            }
            return concern
        }
    }
}
