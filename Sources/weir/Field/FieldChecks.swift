// What Weir made of the events against what it had to make of them.

import WeirBench

extension FieldDatabase {
    /// The checks that a demo and a campaign have in common.
    ///
    /// - Parameter reader: nil if the topology publishes no results.
    func checks(_ expectation: Expectation, _ reader: OutputReader?) throws -> [FieldCheck] {
        let progress = try progress()
        let counts = expectation.counts
        let table = ExpectationCheck(expected: expectation, actual: try usage().map(\.usage))
        var checks = [
            FieldCheck(
                "events billed", progress.counted == counts.unique, "\(progress.counted) of \(counts.unique)"),
            FieldCheck(
                "repeats dropped", progress.duplicates == counts.repeats,
                "\(progress.duplicates) of \(counts.repeats)"),
            FieldCheck(
                "conflicts recorded", progress.conflicts == counts.conflicts,
                "\(progress.conflicts) of \(counts.conflicts)"),
            try deadLetterCheck(expectation, progress),
            FieldCheck("windows in PostgreSQL", table.isExact, table.summary),
        ]
        if let reader {
            let topic = ExpectationCheck(expected: expectation, actual: reader.usage)
            checks.append(
                FieldCheck(
                    "windows on the topic", topic.isExact,
                    "\(topic.summary); newest revisions of \(reader.messages) messages"))
        }
        return checks
    }

    private func deadLetterCheck(_ expectation: Expectation, _ progress: Progress) throws -> FieldCheck {
        let letters = try deadLetters()
        var words = "\(progress.deadLetters) of \(expectation.counts.deadLetters), each for its reason"
        for (topic, reasons) in expectation.deadLetters.sorted(by: { $0.key < $1.key }) {
            for (reason, wanted) in reasons.sorted(by: { $0.key < $1.key }) {
                let found = letters[topic]?[reason] ?? 0
                if found != wanted { words += "\n\(topic) \(reason): \(found) of \(wanted)" }
            }
        }
        return FieldCheck("dead letters", letters == expectation.deadLetters, words)
    }
}
