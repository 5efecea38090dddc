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

    package struct Sample: Sendable {
        /// In the order of the family's.
        package let labels: [String]
        package let value: Value
    }

    package enum Value: Sendable {
        case number(Double)
        case integer(Int64)
        case histogram(LagHistogram)
    }

    private var samples: [MetricFamily: [Sample]] = [:]

    public init() {}

    /// - Parameter labels: values, in the order of the family's labels.
    package mutating func add(_ family: MetricFamily, _ labels: [String], _ value: Double) {
        append(family, labels, .number(value))
    }

    package mutating func add(_ family: MetricFamily, _ labels: [String], _ value: some BinaryInteger) {
        append(family, labels, .integer(Int64(clamping: value)))
    }

    mutating func add(_ family: MetricFamily, _ labels: [String], _ histogram: LagHistogram) {
        append(family, labels, .histogram(histogram))
    }

    private mutating func append(_ family: MetricFamily, _ labels: [String], _ value: Value) {
        precondition(family.labels.count == labels.count, "labels are \(family.labels), values \(labels)")
        samples[family, default: []].append(Sample(labels: labels, value: value))
    }

    /// What is told, in the order of the catalogue.
    package var families: [(family: MetricFamily, samples: [Sample])] {
        (MetricCatalogue.all + MetricCatalogue.groups).compactMap { family in samples[family].map { (family, $0) } }
    }

    package var sampleCount: Int { samples.values.reduce(0) { $0 + $1.count } }

    /// Of histograms, in microseconds: ends of `LagScale`, so that the counts are exact. 5 ms to a day.
    package static let bounds: [UInt64] = [
        5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000,
        20_000_000, 50_000_000, 100_000_000, 500_000_000, 2_000_000_000, 10_000_000_000, 100_000_000_000,
    ]

    // MARK: Text

    public func text(_ format: Format) -> String {
        var text = ""
        for (family, samples) in families {
            let title = format == .openMetrics ? family.openMetricsName : family.name
            // Prometheus's own text knows no infos.
            let kind = format == .prometheus && family.kind == .info ? "gauge" : family.kind.rawValue
            text += "# HELP \(title) \(Self.escaped(family.help, quotes: format == .openMetrics))\n"
            text += "# TYPE \(title) \(kind)\n"
            if format == .openMetrics, !family.unit.isEmpty { text += "# UNIT \(title) \(family.unit)\n" }
            for sample in samples { Self.write(sample, of: family, to: &text) }
        }
        return format == .openMetrics ? text + "# EOF\n" : text
    }

    private static func write(_ sample: Sample, of family: MetricFamily, to text: inout String) {
        let labels = zip(family.labels, sample.labels).map { "\($0)=\"\(escaped($1, quotes: true))\"" }
            .joined(separator: ",")
        func line(_ suffix: String, _ labels: String, _ value: String) {
            text += "\(family.name)\(suffix)\(labels.isEmpty ? "" : "{\(labels)}") \(value)\n"
        }
        switch sample.value {
        case .number(let value): line("", labels, number(value))
        case .integer(let value): line("", labels, "\(value)")
        case .histogram(let histogram):
            for bound in bounds {
                let end = number(Double(bound) / 1_000_000, isBound: true)
                line("_bucket", "\(labels),le=\"\(end)\"", "\(histogram.count(upTo: bound))")
            }
            line("_bucket", "\(labels),le=\"+Inf\"", "\(histogram.count)")
            line("_sum", labels, number(histogram.sum))
            line("_count", labels, "\(histogram.count)")
        }
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
