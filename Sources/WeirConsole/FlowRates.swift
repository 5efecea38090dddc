// How much goes along each edge of a topology.

package import WeirObserve

/// Since the process started.
package struct FlowCounts: Sendable, Equatable {
    package private(set) var sources: [String: RecordCounts] = [:]
    package let windows: Int64
    package let published: Int64

    /// Before anything was counted.
    init() {
        windows = 0
        published = 0
    }

    package init(_ status: TopologyStatus) {
        windows = status.workers.reduce(0) { $0 + $1.windows }
        published = status.workers.reduce(0) { $0 + $1.published }
        for partition in status.partitions {
            sources[partition.topic, default: RecordCounts()].add(partition.counts)
        }
    }

    package var records: Int64 { sources.values.reduce(0) { $0 + $1.records } }
}

/// Per second.
package struct FlowRates: Sendable, Equatable {
    package struct Source: Sendable, Equatable {
        package var counted = 0.0
        package var deadLetters = 0.0
        /// All whose fate was decided.
        package var records = 0.0
    }

    package private(set) var sources: [String: Source] = [:]
    package let windows: Double
    package let published: Double

    package init(from earlier: FlowCounts, to later: FlowCounts, seconds: Double) {
        func rate(_ from: Int64, _ to: Int64) -> Double { Double(to - from) / seconds }
        windows = rate(earlier.windows, later.windows)
        published = rate(earlier.published, later.published)
        for (topic, counts) in later.sources {
            let before = earlier.sources[topic] ?? RecordCounts()
            sources[topic] = Source(
                counted: rate(before.counted, counts.counted),
                deadLetters: rate(before.deadLetters, counts.deadLetters),
                records: rate(before.records, counts.records))
        }
    }
}
