// What is on the topics that Weir publishes to, against the tables.

import WeirBench
import WeirCore

enum PublishedCheck {
    static func checks(
        _ expectation: Expectation, _ results: [(revision: Int64, usage: ActualUsage)], _ field: Field
    ) throws -> [FieldCheck] {
        var checks = [letters(expectation, field.reader.letters)]
        if field.topology.outputs.topic != nil { checks.append(revisions(results, field.reader.results)) }
        return checks
    }

    private static func letters(_ expectation: Expectation, _ found: [String: Int]) -> FieldCheck {
        let wanted = expectation.topics.mapValues(\.deadLetters)
        let differences = wanted.sorted { $0.key < $1.key }.filter { found[$0.key, default: 0] != $0.value }
            .map { "\($0.key).dlq: \(found[$0.key, default: 0]) of \($0.value)" }
        let words = "\(found.values.reduce(0, +)) of \(expectation.counts.deadLetters)"
        return FieldCheck(
            "dead letter topics", differences.isEmpty, ([words] + differences).joined(separator: "\n"))
    }

    private struct Name: Hashable {
        let organisation: String
        let meter: String
        let windowStart: Int64
        let dimensions: [String: String]

        init(_ usage: ActualUsage) {
            organisation = usage.organisation
            meter = usage.meter
            windowStart = usage.windowStart
            dimensions = usage.dimensions
        }
    }

    /// The newest revision that was published is the table's.
    private static func revisions(
        _ table: [(revision: Int64, usage: ActualUsage)], _ topic: [(revision: Int64, usage: ActualUsage)]
    ) -> FieldCheck {
        var published: [Name: Int64] = [:]
        for result in topic { published[Name(result.usage)] = result.revision }
        let differing = table.filter { published[Name($0.usage)] != $0.revision }
        let examples = differing.prefix(5).map { result in
            "\(result.usage.organisation) \(result.usage.meter): published "
                + "\(published[Name(result.usage)].map { "\($0)" } ?? "never"), table \(result.revision)"
        }
        let words = "\(table.count - differing.count) of \(table.count) newest revisions are on the topic"
        return FieldCheck(
            "revisions published", differing.isEmpty && published.count == table.count,
            ([words] + examples).joined(separator: "\n"))
    }
}
