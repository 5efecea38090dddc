// What PostgreSQL was asked for the console, and what became of each question.

package import WeirAvro

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

    func json(_ value: (Value) -> JSON) -> JSON {
        .object([
            .init("seen_at", .time(at)), .init("problem", JSON(problem)),
            .init("value", self.value.map(value) ?? .null),
        ])
    }
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

        package init(topic: String, partition: Int32, epoch: Int64, owner: String, committed: Int64?) {
            self.topic = topic
            self.partition = partition
            self.epoch = epoch
            self.owner = owner
            self.committed = committed
        }
    }

    package var partitions = DatabaseAnswer<[Partition]>()
    /// Dead letters that are open: counts by reason, and the newest.
    package var deadLetters = DatabaseAnswer<JSON>()
    /// The busiest organisations.
    package var usage = DatabaseAnswer<JSON>()

    package init() {}
}

extension JSON {
    /// Microseconds since 1970 as seconds, or null.
    package static func time(_ microseconds: Int64?) -> JSON {
        microseconds.map { .real(Double($0) / 1_000_000) } ?? .null
    }

    /// A span of microseconds as seconds, or null. Never negative: two clocks may differ.
    package static func seconds(_ microseconds: Int64?) -> JSON {
        microseconds.map { .real(Double(max(0, $0)) / 1_000_000) } ?? .null
    }

    package init(_ number: Double?) { self = number.map { .real($0) } ?? .null }
}
