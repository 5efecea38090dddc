// Compares what was found with what was expected.

import WeirCore

/// The outcome of one comparison.
public struct ExpectationCheck: Sendable, Equatable {
    /// Results that agree in everything.
    public private(set) var exact = 0
    /// Expected and not found.
    public private(set) var missing = 0
    /// Found and not expected, or found twice.
    public private(set) var extra = 0
    /// Found with another quantity, number of events or end of the window.
    public private(set) var wrong = 0
    /// The first few differences, in words.
    public private(set) var examples: [String] = []

    public var isExact: Bool { missing == 0 && extra == 0 && wrong == 0 }

    private static let mostExamples = 10

    private struct Key: Hashable {
        var organisation: String
        var meter: String
        var windowStart: Int64
        var dimensions: [String: String]
    }

    public init(expected: Expectation, actual: some Sequence<ActualUsage>) {
        var open: [Key: Expectation.Usage] = [:]
        var known: Set<Key> = []
        for usage in expected.usage {
            let key = Key(
                organisation: usage.organisation, meter: usage.meter, windowStart: usage.windowStart,
                dimensions: usage.dimensions)
            open[key] = usage
            known.insert(key)
        }
        for found in actual {
            let key = Key(
                organisation: found.organisation, meter: found.meter, windowStart: found.windowStart,
                dimensions: found.dimensions)
            let place = Self.words(found.organisation, found.meter, found.windowStart, found.dimensions)
            guard let usage = open.removeValue(forKey: key) else {
                extra += 1
                note("\(place): \(known.contains(key) ? "found twice" : "not expected"), \(found.quantity)")
                continue
            }
            let differences = Self.differences(usage, found)
            if differences.isEmpty {
                exact += 1
            } else {
                wrong += 1
                note("\(place): \(differences.joined(separator: ", "))")
            }
        }
        missing = open.count
        for usage in expected.usage {
            let key = Key(
                organisation: usage.organisation, meter: usage.meter, windowStart: usage.windowStart,
                dimensions: usage.dimensions)
            if examples.count >= Self.mostExamples { break }
            if open[key] != nil {
                let place = Self.words(usage.organisation, usage.meter, usage.windowStart, usage.dimensions)
                note("\(place): missing, expected \(usage.quantity)")
            }
        }
    }

    /// The outcome in one line, and the examples in one each.
    public var summary: String {
        let head =
            isExact
            ? "exact: all \(exact) results agree"
            : "NOT exact: \(missing) missing, \(extra) extra, \(wrong) wrong, \(exact) agree"
        return ([head] + examples.map { "  " + $0 }).joined(separator: "\n")
    }

    private mutating func note(_ words: String) {
        if examples.count < Self.mostExamples { examples.append(words) }
    }

    private static func differences(_ expected: Expectation.Usage, _ found: ActualUsage) -> [String] {
        var words: [String] = []
        if !DecimalText.isEqual(expected.quantity, found.quantity) {
            words.append("quantity is \(found.quantity), expected \(expected.quantity)")
        }
        if expected.eventCount != found.eventCount {
            words.append("event_count is \(found.eventCount), expected \(expected.eventCount)")
        }
        if expected.windowEnd != found.windowEnd {
            words.append("window_end is \(found.windowEnd), expected \(expected.windowEnd)")
        }
        return words
    }

    private static func words(
        _ organisation: String, _ meter: String, _ start: Int64, _ dimensions: [String: String]
    ) -> String {
        let groups = dimensions.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        return "\(organisation) \(meter) \(Timestamp(microseconds: start))\(groups)"
    }
}
