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
        case histogram(LagHistogram, LagExemplars)
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

    /// - Parameter exemplars: of lags that are counted in it.
    mutating func add(
        _ family: MetricFamily, _ labels: [String], _ histogram: LagHistogram, _ exemplars: LagExemplars
    ) {
        append(family, labels, .histogram(histogram, exemplars))
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

    // MARK: Text

    public func text(_ format: Format) -> String {
        var text = ""
        text.reserveCapacity(128 * sampleCount)
        for (family, samples) in families {
            let title = format == .openMetrics ? family.openMetricsName : family.name
            // Prometheus's own text knows no infos.
            let kind = format == .prometheus && family.kind == .info ? "gauge" : family.kind.rawValue
            text += "# HELP \(title) \(Self.escaped(family.help, quotes: format == .openMetrics))\n"
            text += "# TYPE \(title) \(kind)\n"
            if format == .openMetrics, !family.unit.isEmpty { text += "# UNIT \(title) \(family.unit)\n" }
            for sample in samples { Self.write(sample, of: family, format, to: &text) }
        }
        return format == .openMetrics ? text + "# EOF\n" : text
    }

    private static func write(_ sample: Sample, of family: MetricFamily, _ format: Format, to text: inout String) {
        var labels = ""
        for (name, value) in zip(family.labels, sample.labels) {
            if !labels.isEmpty { labels += "," }
            labels += name
            labels += "=\""
            labels += escaped(value, quotes: true)
            labels += "\""
        }
        func line(_ suffix: String, end: String? = nil, _ value: String, _ exemplar: LagExemplar? = nil) {
            text += family.name
            text += suffix
            if !labels.isEmpty || end != nil {
                text += "{"
                text += labels
                if let end {
                    if !labels.isEmpty { text += "," }
                    text += "le=\""
                    text += end
                    text += "\""
                }
                text += "}"
            }
            text += " "
            text += value
            if let exemplar { write(exemplar, to: &text) }
            text += "\n"
        }
        switch sample.value {
        case .number(let value): line("", number(value))
        case .integer(let value): line("", String(value))
        case .histogram(let histogram, let exemplars):
            for (bucket, count) in (histogram.countsUpToBounds + [histogram.count]).enumerated() {
                line("_bucket", end: ends[bucket], String(count), format == .openMetrics ? exemplars[bucket] : nil)
            }
            line("_sum", number(histogram.sum))
            line("_count", String(histogram.count))
        }
    }

    /// Upper ends of the buckets, as OpenMetrics wants numbers there: `1.0`.
    private static let ends = LagHistogram.bounds.map { "\(seconds($0))" } + ["+Inf"]

    /// Of OpenMetrics only. Names and values of an exemplar's labels have 128 characters together at the most: here
    /// they have 63.
    private static func write(_ exemplar: LagExemplar, to text: inout String) {
        text += " # {trace_id=\"\(exemplar.trace.traceID)\",span_id=\"\(exemplar.trace.spanID)\"} "
        text += "\(number(seconds(exemplar.lag))) \(number(Double(exemplar.time) / 1_000_000))"
    }

    private static func seconds(_ microseconds: UInt64) -> Double { Double(microseconds) / 1_000_000 }

    private static let special = [UInt8(ascii: "\\"), UInt8(ascii: "\n"), UInt8(ascii: "\"")]

    private static func escaped(_ text: String, quotes: Bool) -> String {
        // Most texts have nothing of the kind.
        guard text.utf8.contains(where: special.contains) else { return text }
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

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value != value.rounded() || abs(value) > 1e15 ? "\(value)" : String(Int64(value))
    }
}
