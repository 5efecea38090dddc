// The last round as text for Prometheus: its own format 0.0.4, or OpenMetrics 1.0.

internal import WeirKafka
public import WeirObserve

/// What a scrape gets.
public struct LagExposition: Sendable {
    /// Partitions that are told at the most, four lines each.
    public static let mostPartitions = 20_000

    /// The last round that brought something, or nil if there was none yet.
    public var report: LagReport?
    /// Microseconds of a clock that only goes forward: when that round ended, and how long it took.
    public var roundEnded: Int64 = 0
    public var roundTook: Int64 = 0
    /// Whether the last round that was tried brought something.
    public var isAnswering = false

    public init() {}

    /// - Parameters:
    ///   - now: of the clock of `roundEnded`.
    ///   - staleAfter: microseconds after which a round's values are told no more: only that they are old.
    public func encoded(_ format: MetricPage.Format, now: Int64, staleAfter: Int64) -> [UInt8] {
        var page = MetricPage()
        let age = now - roundEnded
        page.add(Catalogue.lagUp, [], isAnswering && report?.failure == nil && age <= staleAfter ? 1 : 0)
        if let report {
            page.add(Catalogue.lagRoundAge, [], Self.seconds(age))
            page.add(Catalogue.lagRoundDuration, [], Self.seconds(roundTook))
            if age <= staleAfter { add(report, to: &page) }
        }
        return page.encoded(format)
    }

    private typealias Catalogue = MetricCatalogue

    private static func seconds(_ microseconds: Int64) -> Double { Double(microseconds) / 1_000_000 }

    private func add(_ report: LagReport, to page: inout MetricPage) {
        let all = report.groups.flatMap { group in group.partitions.map { (group: group.name, partition: $0) } }
        // Worst first, whichever group they are of.
        let told =
            all.count <= Self.mostPartitions
            ? all[...]
            : all.sorted {
                ($1.partition.verdict.state, $1.partition.age ?? 0)
                    < ($0.partition.verdict.state, $0.partition.age ?? 0)
            }.prefix(Self.mostPartitions)
        for (group, partition) in told {
            let id = partition.partition
            let labels = [group, id.topic, String(id.partition)]
            if let lag = partition.lag { page.add(Catalogue.groupLag, labels, lag) }
            if let age = partition.age { page.add(Catalogue.groupLagTime, labels, Self.seconds(age)) }
            if let committed = partition.seen?.committed { page.add(Catalogue.groupCommitted, labels, committed) }
            page.add(Catalogue.groupPartitionState, labels, partition.verdict.state.rawValue)
        }
        for group in report.groups {
            page.add(Catalogue.groupState, [group.name], group.verdict.state.rawValue)
            for state in LagState.allCases {
                page.add(Catalogue.groupPartitions, [group.name, state.name], group.count(state))
            }
            if let members = group.members { page.add(Catalogue.groupMembers, [group.name], members) }
        }
        page.add(Catalogue.lagOmitted, [], all.count - told.count)
    }
}
