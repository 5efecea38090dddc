// What a scrape gets: samples by family.

/// Families come in the order of the catalogue, after them by name those that are not in it; samples in the order they
/// were added.
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
        case buckets(BucketHistogram)
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

    package mutating func add(_ family: MetricFamily, _ labels: [String], _ histogram: BucketHistogram) {
        append(family, labels, .buckets(histogram))
    }

    private mutating func append(_ family: MetricFamily, _ labels: [String], _ value: Value) {
        precondition(family.labels.count == labels.count, "labels are \(family.labels), values \(labels)")
        samples[family, default: []].append(Sample(labels: labels, value: value))
    }

    /// What is told, in the order of the page.
    package var families: [(family: MetricFamily, samples: [Sample])] {
        var told = (MetricCatalogue.all + MetricCatalogue.groups).compactMap { family in
            samples[family].map { (family: family, samples: $0) }
        }
        guard told.count < samples.count else { return told }
        let known = Set(told.map(\.family))
        told += samples.filter { !known.contains($0.key) }.sorted { $0.key.name < $1.key.name }.map {
            ($0.key, $0.value)
        }
        return told
    }

    package var sampleCount: Int { samples.values.reduce(0) { $0 + $1.count } }

    public func encoded(_ format: Format) -> [UInt8] {
        var text = MetricText(format, lines: sampleCount)
        for (family, samples) in families {
            text.begin(family)
            for sample in samples { text.add(sample, of: family) }
        }
        text.end()
        return text.bytes
    }
}
