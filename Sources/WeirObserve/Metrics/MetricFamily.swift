// What a metric is: its name, type, unit, labels and meaning, declared once.

/// The page that Prometheus reads, `docs/metrics.md` and the checks of dashboards and alerts all follow this.
public struct MetricFamily: Sendable, Hashable {
    public enum Kind: String, Sendable {
        /// Grows only; begins again at 0 with the process.
        case counter
        case gauge
        case histogram
        /// Always 1; what it tells is in the labels.
        case info
    }

    /// As queries name it; of a histogram without `_bucket`, `_sum` and `_count`.
    public let name: String
    public let kind: Kind
    /// `seconds`, `bytes`, `ratio`; empty for plain numbers.
    public let unit: String
    public let labels: [String]
    public let help: String

    package init(_ name: String, _ kind: Kind, unit: String = "", _ labels: [String] = [], _ help: String) {
        self.name = name
        self.kind = kind
        self.unit = unit
        self.labels = labels
        self.help = help
    }

    /// By its name, which is no other's: it is looked up for each sample.
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }

    /// The names that queries may use.
    public var seriesNames: [String] {
        kind == .histogram ? ["_bucket", "_sum", "_count"].map { name + $0 } : [name]
    }

    /// What nothing else on a page may be called, in either format.
    package var claimedNames: [String] { seriesNames + [name, openMetricsName] }

    /// OpenMetrics names a counter's or an info's family without the suffix of its one series.
    package var openMetricsName: String {
        for suffix in ["_total", "_info"] where kind != .gauge && name.hasSuffix(suffix) {
            return String(name.dropLast(suffix.count))
        }
        return name
    }
}
