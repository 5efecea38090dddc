// What PostgreSQL was asked for the console, and what became of each question.

/// The last answer to a question stays while there is no newer one; its age and the trouble stand beside it.
package struct DatabaseAnswer<Value: Sendable>: Sendable {
    package private(set) var value: Value?
    /// When it was given, microseconds since 1970.
    package private(set) var at: Int64?
    /// Why the last question was not answered; nil if it was.
    package private(set) var problem: String?

    package init() {}

    package mutating func answer(_ value: Value, at now: Int64) {
        self.value = value
        at = now
        problem = nil
    }

    package mutating func fail(_ problem: String) { self.problem = problem }
}

/// Of one topology.
package struct DatabaseAnswers: Sendable {
    /// A row of weir.partition, whoever's it is.
    package struct Partition: Sendable {
        package let topic: String
        package let partition: Int32
        package let epoch: Int64
        package let owner: String
        package let committed: Int64?
        /// Microseconds from its last commit to the answer, on PostgreSQL's clock; nil if there was none.
        package let idle: Int64?

        package init(
            topic: String, partition: Int32, epoch: Int64, owner: String, committed: Int64?, idle: Int64? = nil
        ) {
            self.topic = topic
            self.partition = partition
            self.epoch = epoch
            self.owner = owner
            self.committed = committed
            self.idle = idle
        }
    }

    package var partitions = DatabaseAnswer<[Partition]>()
    package var deadLetters = DatabaseAnswer<StatusDocument.DeadLettersPart>()
    package var usage = DatabaseAnswer<StatusDocument.UsagePart>()

    package init() {}
}
