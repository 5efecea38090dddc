// A page of metrics as an ExportMetricsServiceRequest (metrics/v1): the names and labels that Prometheus sees, too.

internal import WeirObserve

/// Counters and histograms are cumulative, since `start`: a page that is lost costs nothing but its moment.
struct MeasuredPage: Sendable {
    let page: MetricPage
    /// When the process began to count, microseconds since 1970.
    let start: Int64
    let time: Int64
}

enum OTLPMetrics {
    static func encode(_ page: MeasuredPage, _ resource: OTLPResource) -> [UInt8] {
        resource.request { scope in
            for (family, samples) in page.page.families { scope.put(2) { $0.put(family, samples, page) } }
        }
    }

    /// Of the Unified Code for Units of Measure.
    fileprivate static let units = ["seconds": "s", "bytes": "By", "ratio": "1"]
    fileprivate static let cumulative: Int64 = 2
}

extension ProtobufWriter {
    fileprivate mutating func put(_ family: MetricFamily, _ samples: [MetricPage.Sample], _ page: MeasuredPage) {
        put(1, family.name)
        put(2, family.help)
        if let unit = OTLPMetrics.units[family.unit] { put(3, unit) }
        let kind =
            switch family.kind {
            case .gauge, .info: 5
            case .counter: 7
            case .histogram: 9
            }
        put(kind) { data in
            for sample in samples { data.put(1) { $0.put(family, sample, page) } }
            if family.kind == .counter || family.kind == .histogram { data.put(2, OTLPMetrics.cumulative) }
            if family.kind == .counter { data.put(3, true) }
        }
    }

    private mutating func put(_ family: MetricFamily, _ sample: MetricPage.Sample, _ page: MeasuredPage) {
        for (name, value) in zip(family.labels, sample.labels) {
            put(attribute: family.kind == .histogram ? 9 : 7, name, .text(value))
        }
        put(2, microseconds: page.start)
        put(3, microseconds: page.time)
        switch sample.value {
        case .number(let number): put(4, number)
        case .integer(let number): put(6, fixed: UInt64(bitPattern: number))
        case .histogram(let histogram, let exemplars):
            var below: UInt64 = 0
            var buckets: [UInt64] = []
            for upTo in histogram.countsUpToBounds + [histogram.count] {
                buckets.append(upTo - below)
                below = upTo
            }
            put(histogram.count, histogram.sum, buckets, LagHistogram.bounds.map { Double($0) / 1_000_000 })
            for case let exemplar? in buckets.indices.map({ exemplars[$0] }) { put(8) { $0.put(exemplar) } }
        case .buckets(let histogram): put(histogram.count, histogram.sum, histogram.counts, histogram.scale.bounds)
        }
    }

    private mutating func put(_ count: UInt64, _ sum: Double, _ buckets: [UInt64], _ bounds: [Double]) {
        put(4, fixed: count)
        put(5, sum)
        put(6, packed: buckets)
        put(7, packed: bounds.map(\.bitPattern))
    }

    private mutating func put(_ exemplar: LagExemplar) {
        put(2, microseconds: exemplar.time)
        put(3, Double(exemplar.lag) / 1_000_000)
        put(4, bigEndian: exemplar.trace.span)
        put(5, bigEndian: exemplar.trace.traceHigh, exemplar.trace.traceLow)
    }
}
