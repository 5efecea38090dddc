// Which subject a topic's schemas are registered under.

/// Confluent's three strategies for the values of a topic.
public enum SubjectNameStrategy: String, Sendable, CaseIterable {
    /// `<topic>-value`: one contract for each topic.
    case topicName = "topic"
    /// The record's full name: one contract for a record, whatever topic it is in.
    case recordName = "record"
    /// `<topic>-<record>`: several records in one topic.
    case topicRecordName = "topic-record"

    /// - Parameter record: full name of the record; the topic's name strategy does without.
    public func subject(topic: String, record: String) -> String {
        switch self {
        case .topicName: "\(topic)-value"
        case .recordName: record
        case .topicRecordName: "\(topic)-\(record)"
        }
    }
}
