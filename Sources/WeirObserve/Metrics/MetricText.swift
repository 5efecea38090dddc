// A page's samples as Prometheus or OpenMetrics text.

/// Bytes, not a string: a page of 64 partitions has 4,000 lines of the same few pieces, and appending to an array of
/// bytes is a copy.
struct MetricText {
    private(set) var bytes: [UInt8] = []
    private let format: MetricPage.Format
    /// What stands before each value of the sample that is being written: name, labels.
    private var stem: [UInt8] = []

    /// - Parameter lines: about as many as there will be.
    init(_ format: MetricPage.Format, lines: Int) {
        self.format = format
        bytes.reserveCapacity(128 * lines)
    }

    mutating func begin(_ family: MetricFamily) {
        let title = format == .openMetrics ? family.openMetricsName : family.name
        // Prometheus's own text knows no infos.
        let kind = format == .prometheus && family.kind == .info ? "gauge" : family.kind.rawValue
        put("# HELP \(title) ")
        Self.put(escaped: family.help, quotes: format == .openMetrics, to: &bytes)
        put("\n# TYPE \(title) \(kind)\n")
        if format == .openMetrics, !family.unit.isEmpty { put("# UNIT \(title) \(family.unit)\n") }
    }

    mutating func add(_ sample: MetricPage.Sample, of family: MetricFamily) {
        switch sample.value {
        case .number(let value):
            line(family, "", sample.labels)
            put(value)
        case .integer(let value):
            line(family, "", sample.labels)
            put(value)
        case .histogram(let histogram, let exemplars):
            buckets(histogram.countsUpToBounds + [histogram.count], Self.ends, exemplars, family, sample.labels)
            total(histogram.sum, histogram.count, family, sample.labels)
            return
        case .buckets(let histogram):
            var below: UInt64 = 0
            let upTo = histogram.counts.map { count in
                below += count
                return below
            }
            buckets(upTo, Self.scaleEnds[histogram.scale] ?? [], LagExemplars(), family, sample.labels)
            total(histogram.sum, below, family, sample.labels)
            return
        }
        put("\n")
    }

    mutating func end() {
        if format == .openMetrics { put("# EOF\n") }
    }

    // MARK: Lines

    private mutating func line(_ family: MetricFamily, _ suffix: String, _ labels: [String]) {
        put(family.name)
        put(suffix)
        if !labels.isEmpty {
            put("{")
            Self.put(family.labels, labels, to: &bytes)
            put("}")
        }
        put(" ")
    }

    /// - Parameters:
    ///   - counts: up to each end.
    ///   - ends: as `ends(_:)` writes them.
    private mutating func buckets(
        _ counts: [UInt64], _ ends: [[UInt8]], _ exemplars: LagExemplars, _ family: MetricFamily, _ labels: [String]
    ) {
        stem.removeAll(keepingCapacity: true)
        stem.append(contentsOf: family.name.utf8)
        stem.append(contentsOf: "_bucket{".utf8)
        Self.put(family.labels, labels, to: &stem)
        if !labels.isEmpty { stem.append(UInt8(ascii: ",")) }
        for (bucket, count) in counts.enumerated() {
            bytes.append(contentsOf: stem)
            bytes.append(contentsOf: ends[bucket])
            put(count)
            if format == .openMetrics, let exemplar = exemplars[bucket] { put(exemplar) }
            put("\n")
        }
    }

    private mutating func total(_ sum: Double, _ count: UInt64, _ family: MetricFamily, _ labels: [String]) {
        line(family, "_sum", labels)
        put(sum)
        put("\n")
        line(family, "_count", labels)
        put(count)
        put("\n")
    }

    /// Of the buckets of lags.
    private static let ends = ends(LagHistogram.bounds.map { seconds($0) })

    private static let scaleEnds = Dictionary(
        uniqueKeysWithValues: BucketHistogram.Scale.allCases.map { ($0, ends($0.bounds)) })

    /// Upper ends of buckets, as OpenMetrics wants numbers there: `1.0`.
    private static func ends(_ bounds: [Double]) -> [[UInt8]] {
        (bounds.map { "\($0)" } + ["+Inf"]).map { Array("le=\"\($0)\"} ".utf8) }
    }

    /// Of OpenMetrics only. Names and values of an exemplar's labels have 128 characters together at the most: here
    /// they have 63.
    private mutating func put(_ exemplar: LagExemplar) {
        put(" # {trace_id=\"\(exemplar.trace.traceID)\",span_id=\"\(exemplar.trace.spanID)\"} ")
        put(Self.seconds(exemplar.lag))
        put(" ")
        put(Double(exemplar.time) / 1_000_000)
    }

    private static func seconds(_ microseconds: UInt64) -> Double { Double(microseconds) / 1_000_000 }

    // MARK: Pieces

    private mutating func put(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// `name="value"` of each, with commas.
    private static func put(_ names: [String], _ values: [String], to bytes: inout [UInt8]) {
        for index in names.indices {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: names[index].utf8)
            bytes.append(contentsOf: "=\"".utf8)
            put(escaped: values[index], quotes: true, to: &bytes)
            bytes.append(UInt8(ascii: "\""))
        }
    }

    /// - Parameter quotes: whether quotation marks are escaped, too.
    private static func put(escaped text: String, quotes: Bool, to bytes: inout [UInt8]) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): bytes.append(contentsOf: "\\\\".utf8)
            case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\"") where quotes: bytes.append(contentsOf: "\\\"".utf8)
            default: bytes.append(byte)
            }
        }
    }

    private mutating func put(_ value: Double) {
        if value.isNaN { return put("NaN") }
        if value.isInfinite { return put(value < 0 ? "-Inf" : "+Inf") }
        if value == value.rounded(), abs(value) <= 1e15 { return put(Int64(value)) }
        put("\(value)")
    }

    private mutating func put(_ value: some FixedWidthInteger) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        let start = bytes.count
        var rest = value.magnitude
        repeat {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit))
            rest = quotient
        } while rest > 0
        bytes[start...].reverse()
    }
}
