// What a scrape gets: samples by family, written as Prometheus or OpenMetrics text.

/// Families come in the order of the catalogue, samples in the order they were added.
public struct MetricPage: Sendable {
    public enum Format: Sendable {
        /// Prometheus text 0.0.4.
        case prometheus
        /// OpenMetrics text 1.0.0.
        case openMetrics

        /// OpenMetrics for those who accept it, which Prometheus does.
        public init(accepting header: String?) {
            self = header?.contains("application/openmetrics-text") == true ? .openMetrics : .prometheus
        }

        public var contentType: String {
            switch self {
            case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
            case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
            }
        }
    }

    private struct Sample {
        let suffix: String
        let labels: String
        let value: String
    }

    private var samples: [MetricFamily: [Sample]] = [:]

    public init() {}

    /// - Parameter labels: values, in the order of the family's labels.
    package mutating func add(_ family: MetricFamily, _ labels: [String], _ value: Double) {
        add(family, Self.text(family.labels, labels), "", Self.number(value))
    }

    package mutating func add(_ family: MetricFamily, _ labels: [String], _ value: some BinaryInteger) {
        add(family, Self.text(family.labels, labels), "", "\(value)")
    }

    mutating func add(_ family: MetricFamily, _ labels: [String], _ histogram: LagHistogram) {
        let own = Self.text(family.labels, labels)
        for bound in Self.bounds {
            add(
                family, "\(own),le=\"\(Self.number(Double(bound) / 1_000_000, isBound: true))\"", "_bucket",
                "\(histogram.count(upTo: bound))")
        }
        add(family, "\(own),le=\"+Inf\"", "_bucket", "\(histogram.count)")
        add(family, own, "_sum", Self.number(histogram.sum))
        add(family, own, "_count", "\(histogram.count)")
    }

    private mutating func add(_ family: MetricFamily, _ labels: String, _ suffix: String, _ value: String) {
        samples[family, default: []].append(Sample(suffix: suffix, labels: labels, value: value))
    }

    /// Of histograms, in microseconds: ends of `LagScale`, so that the counts are exact. 5 ms to a day.
    static let bounds: [UInt64] = [
        5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000,
        20_000_000, 50_000_000, 100_000_000, 500_000_000, 2_000_000_000, 10_000_000_000, 100_000_000_000,
    ]

    // MARK: Text

    public func text(_ format: Format) -> String {
        var text = ""
        for family in MetricCatalogue.all + MetricCatalogue.groups {
            guard let samples = samples[family] else { continue }
            let title = format == .openMetrics ? family.openMetricsName : family.name
            // Prometheus's own text knows no infos.
            let kind = format == .prometheus && family.kind == .info ? "gauge" : family.kind.rawValue
            text += "# HELP \(title) \(Self.escaped(family.help, quotes: format == .openMetrics))\n"
            text += "# TYPE \(title) \(kind)\n"
            if format == .openMetrics, !family.unit.isEmpty { text += "# UNIT \(title) \(family.unit)\n" }
            for sample in samples {
                let labels = sample.labels.isEmpty ? "" : "{\(sample.labels)}"
                text += "\(family.name)\(sample.suffix)\(labels) \(sample.value)\n"
            }
        }
        return format == .openMetrics ? text + "# EOF\n" : text
    }

    private static func text(_ names: [String], _ values: [String]) -> String {
        precondition(names.count == values.count, "labels are \(names), values \(values)")
        return zip(names, values).map { "\($0)=\"\(escaped($1, quotes: true))\"" }.joined(separator: ",")
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }

    /// - Parameter isBound: OpenMetrics wants `1.0` there.
    private static func number(_ value: Double, isBound: Bool = false) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return isBound || value != value.rounded() || abs(value) > 1e15 ? "\(value)" : "\(Int64(value))"
    }
}
