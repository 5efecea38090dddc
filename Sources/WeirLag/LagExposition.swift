// The last round as text for Prometheus: its own format 0.0.4, or OpenMetrics 1.0.

internal import WeirKafka

/// What a scrape gets.
public struct LagExposition: Sendable {
    public enum Format: Sendable {
        case prometheus, openMetrics

        public var contentType: String {
            switch self {
            case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
            case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
            }
        }
    }

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
    public func text(_ format: Format, now: Int64, staleAfter: Int64) -> String {
        var writer = Writer(format: format)
        let age = now - roundEnded
        writer.begin(.lagUp)
        writer.add(.lagUp, [], isAnswering && report?.failure == nil && age <= staleAfter ? "1" : "0")
        if let report {
            writer.begin(.lagRoundAgeSeconds)
            writer.add(.lagRoundAgeSeconds, [], Writer.seconds(age))
            writer.begin(.lagRoundDurationSeconds)
            writer.add(.lagRoundDurationSeconds, [], Writer.seconds(roundTook))
            if age <= staleAfter { write(report, &writer) }
        }
        return writer.end()
    }

    private func write(_ report: LagReport, _ writer: inout Writer) {
        let all = report.groups.flatMap { group in group.partitions.map { (group: group.name, partition: $0) } }
        // Worst first, whichever group they are of.
        let told =
            all.count <= Self.mostPartitions
            ? all[...]
            : all.sorted {
                ($1.partition.verdict.state, $1.partition.age ?? 0)
                    < ($0.partition.verdict.state, $0.partition.age ?? 0)
            }.prefix(Self.mostPartitions)
        func each(_ metric: LagMetric, _ value: (LagReport.Partition) -> String?) {
            writer.begin(metric)
            for (group, partition) in told {
                guard let value = value(partition) else { continue }
                let id = partition.partition
                writer.add(metric, [group, id.topic, String(id.partition)], value)
            }
        }
        each(.groupLagRecords) { $0.lag.map { String($0) } }
        each(.groupLagSeconds) { $0.age.map { Writer.seconds($0) } }
        each(.groupCommittedOffset) { $0.seen?.committed.map { String($0) } }
        each(.groupPartitionState) { String($0.verdict.state.rawValue) }
        writer.begin(.groupState)
        for group in report.groups { writer.add(.groupState, [group.name], String(group.verdict.state.rawValue)) }
        writer.begin(.groupPartitions)
        for group in report.groups {
            for state in LagState.allCases {
                writer.add(.groupPartitions, [group.name, state.name], String(group.count(state)))
            }
        }
        writer.begin(.groupMembers)
        for group in report.groups {
            if let members = group.members { writer.add(.groupMembers, [group.name], String(members)) }
        }
        writer.begin(.lagOmittedPartitions)
        writer.add(.lagOmittedPartitions, [], String(all.count - told.count))
    }

    private struct Writer {
        let format: Format
        private var text = ""

        init(format: Format) { self.format = format }

        mutating func begin(_ metric: LagMetric) {
            text += "# TYPE \(metric.rawValue) gauge\n"
            if format == .openMetrics, !metric.unit.isEmpty { text += "# UNIT \(metric.rawValue) \(metric.unit)\n" }
            text += "# HELP \(metric.rawValue) \(metric.help)\n"
        }

        mutating func add(_ metric: LagMetric, _ labels: [String], _ value: String) {
            precondition(labels.count == metric.labels.count, "\(metric.rawValue) has other labels")
            let pairs = zip(metric.labels, labels).map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
            text += metric.rawValue + (pairs.isEmpty ? "" : "{\(pairs)}") + " \(value)\n"
        }

        func end() -> String { format == .openMetrics ? text + "# EOF\n" : text }

        static func seconds(_ microseconds: Int64) -> String { "\(Double(microseconds) / 1_000_000)" }

        private static func escaped(_ text: String) -> String {
            text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
        }
    }
}
