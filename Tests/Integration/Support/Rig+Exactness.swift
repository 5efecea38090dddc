// The one check of all flow tests: everything that Weir wrote is what the input demands, and nothing else.

import Testing
import WeirBench
import WeirKafka

extension Rig {
    /// Waits until all input is processed, stops the workers, and compares every trace they left with the truth.
    ///
    /// - Parameters:
    ///   - hasZombie: a worker that wakes up after its partitions went to another still publishes what it
    ///     had committed before: consumers go by the revision, which PostgreSQL gave out, not by the order.
    ///   - storedTwice: records that the log has twice: they are repeats, or one dead letter or conflict more.
    func expectExact(
        _ expectation: Expectation, _ comment: Comment? = nil, hasZombie: Bool = false, storedTwice: Int = 0,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try waitUntilProcessed()
        let statuses = try stopAll()
        #expect(statuses.allSatisfy { $0 == 0 }, comment, sourceLocation: sourceLocation)
        let words = comment.map { "\($0): " } ?? ""
        let table = try ExpectationCheck(expected: expectation, actual: usage())
        #expect(table.isExact, "\(words)table: \(table.summary)", sourceLocation: sourceLocation)
        if let published = try published() {
            let topic = ExpectationCheck(expected: expectation, actual: published.newest.values)
            #expect(topic.isExact, "\(words)topic: \(topic.summary)", sourceLocation: sourceLocation)
            let newest = published.revisions.compactMapValues { $0.max() }
            #expect(try newest == revisions(), comment, sourceLocation: sourceLocation)
            // So that a compacted topic keeps it.
            let overtaken = published.revisions.filter { $0.value.last != $0.value.max() }
            #expect(hasZombie || overtaken.isEmpty, comment, sourceLocation: sourceLocation)
        }
        let counted = try counters()
        if storedTwice == 0 {
            #expect(counted == expectation.topics, comment, sourceLocation: sourceLocation)
            #expect(
                try conflictRows() == expectation.topics.mapValues(\.conflicts).filter { $0.value > 0 }, comment,
                sourceLocation: sourceLocation)
            #expect(try deadLetterRows() == expectation.deadLetters, comment, sourceLocation: sourceLocation)
        } else {
            for (topic, wanted) in expectation.topics {
                let counts = try #require(counted[topic])
                #expect(counts.unique == wanted.unique, comment, sourceLocation: sourceLocation)
                let isAll =
                    counts.repeats >= wanted.repeats && counts.conflicts >= wanted.conflicts
                    && counts.deadLetters >= wanted.deadLetters
                #expect(isAll, "\(words)\(topic): \(counts), \(wanted)", sourceLocation: sourceLocation)
            }
            let more =
                counted.values.reduce(0) { $0 + $1.produced } - expectation.topics.values.reduce(0) { $0 + $1.produced }
            #expect(more == storedTwice, comment, sourceLocation: sourceLocation)
        }
        #expect(try nextOffsets() == inputEnds(), comment, sourceLocation: sourceLocation)
        for leftover in ["weir.outbox", "weir.gap"] {
            #expect(
                try connection.column("SELECT count(*)::text FROM \(leftover)") == ["0"], "\(words)\(leftover)",
                sourceLocation: sourceLocation)
        }
    }
}
