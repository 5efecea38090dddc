// Which partitions a group is judged by: never only those of which something is known.

import Testing
import WeirKafka
import WeirLag

struct ChoiceTests {
    private static func place(_ topic: String, _ partition: Int32) -> TopicPartition {
        TopicPartition(topic: topic, partition: partition)
    }

    private let existing = ["a": [place("a", 0), place("a", 1)], "b": [place("b", 0)]]
    private let committed: [TopicPartition: Int64] = [place("a", 0): 7]

    private func concern(
        _ choice: LagRounds.Choice, committed: [TopicPartition: Int64], assigned: Set<TopicPartition> = []
    ) -> [TopicPartition: Int64?]? {
        choice.concern(of: committed, assigned: assigned, existing: existing)
    }

    /// One commit of two is left: the other partition's is missing, not irrelevant.
    @Test func allPartitionsOfATopicThatTheGroupHasToDoWith() {
        let both: [TopicPartition: Int64?] = [Self.place("a", 0): 7, Self.place("a", 1): nil]
        #expect(concern(LagRounds.Choice(), committed: committed) == both)
        #expect(concern(LagRounds.Choice(groups: ["g"]), committed: committed) == both)
        let held = concern(LagRounds.Choice(), committed: [:], assigned: [Self.place("a", 1)])
        #expect(held.map { Set($0.keys) } == [Self.place("a", 0), Self.place("a", 1)])
    }

    /// Whoever names group and topic expects the one to read the other.
    @Test func aTopicThatIsNamedWithTheGroupConcernsIt() {
        let all = concern(LagRounds.Choice(groups: ["g"], topics: ["b"]), committed: committed)
        #expect(all == [Self.place("b", 0): nil])
    }

    /// Without a group's name a topic is a question for its own groups.
    @Test func groupsThatReadOtherTopicsAreLeftOut() {
        #expect(concern(LagRounds.Choice(topics: ["b"]), committed: committed) == nil)
        #expect(concern(LagRounds.Choice(), committed: [:])?.isEmpty == true)
    }

    /// The topic is gone, the commit is not: that is to be told.
    @Test func aCommitWithoutAPartitionStays() {
        let gone = [Self.place("gone", 3): Int64(1)]
        #expect(concern(LagRounds.Choice(), committed: gone) == gone.mapValues { $0 })
    }
}
