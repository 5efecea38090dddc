// How many events were billed too few or too many, from the results themselves.

public import WeirCore

/// Every meter of a source counts each of its events once, so the meter that is worst tells of all of them.
/// A window that has too few does not make up for one that has too many.
public struct BilledDifference: Equatable, Sendable {
    public private(set) var lost = 0
    public private(set) var double = 0

    private struct Window: Hashable {
        var organisation: String
        var start: Int64
        var dimensions: [String: String]
    }

    public init(expected: Expectation, actual: some Sequence<ActualUsage>, topology: Topology) {
        var differences: [String: [Window: Int]] = [:]
        func add(_ usage: ActualUsage, _ sign: Int) {
            let window = Window(
                organisation: usage.organisation, start: usage.windowStart, dimensions: usage.dimensions)
            differences[usage.meter, default: [:]][window, default: 0] += sign * Int(usage.eventCount)
        }
        for usage in actual { add(usage, 1) }
        for usage in expected.usage { add(usage, -1) }
        for source in topology.sources {
            let meters = topology.meters.filter { $0.source == source.topic }.compactMap { differences[$0.name] }
            lost += meters.map { $0.values.reduce(0) { $0 + max(0, -$1) } }.max() ?? 0
            double += meters.map { $0.values.reduce(0) { $0 + max(0, $1) } }.max() ?? 0
        }
    }
}
