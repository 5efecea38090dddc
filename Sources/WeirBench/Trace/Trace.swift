// A recorded course of events, to replay through one source.

public import WeirCore

/// Rows with their times, and the numbers that go into fields of each record.
public struct Trace: Sendable, Equatable {
    public struct Row: Sendable, Equatable {
        /// Microseconds since 1970.
        public var time: Int64
        /// In the order of `fields`.
        public var numbers: [Int64]

        public init(time: Int64, numbers: [Int64]) {
            self.time = time
            self.numbers = numbers
        }
    }

    /// The source's topic.
    public var topic: String
    public var fields: [FieldPath]
    public var rows: [Row]

    public init(topic: String, fields: [FieldPath], rows: [Row]) {
        self.topic = topic
        self.fields = fields
        self.rows = rows
    }
}
