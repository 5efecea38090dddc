// Every group and partition with its state, worst first: what tables, JSON and metrics show.

public import WeirKafka

public struct LagReport: Sendable {
    public struct Partition: Sendable {
        public var partition: TopicPartition
        public var verdict: LagVerdict
        /// What the last round saw; nil if it saw nothing.
        public var seen: Observation?
        /// Microseconds between the timestamp of the first record that waits and the round: below 0 if whoever set the
        /// timestamp has a clock that is ahead. 0 if nothing waits, nil if it could not be read or has no timestamp.
        public var age: Int64?

        public var lag: Int64? { seen?.lag }
    }

    public struct Group: Sendable {
        public var name: String
        public var verdict: LagVerdict
        public var members: Int?
        public var partitions: [Partition]

        /// Offsets that wait of all partitions together of which that is known; nil if it is of none.
        public var lag: Int64? { partitions.compactMap(\.lag).reduce(nil) { ($0 ?? 0) + $1 } }
        public var age: Int64? { partitions.compactMap(\.age).max() }

        public func count(_ state: LagState) -> Int { partitions.count { $0.verdict.state == state } }
    }

    /// Microseconds since 1970.
    public var time: Int64
    public var groups: [Group]
    /// Why groups may be missing.
    public var failure: String?

    /// There is something to say, and all of it is good.
    public var isAllGood: Bool { failure == nil && !groups.isEmpty && groups.allSatisfy { $0.verdict.state == .ok } }

    /// Another look soon may say more.
    public var isProvisional: Bool {
        groups.contains { $0.partitions.contains { $0.verdict.isProvisional } }
    }
}
