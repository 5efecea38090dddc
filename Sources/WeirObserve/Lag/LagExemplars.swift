// For each bucket of a histogram a record or batch that fell into it and whose trace can be looked at.

/// A lag that has a trace.
public struct LagExemplar: Sendable, Equatable {
    package let trace: TraceContext
    /// Microseconds.
    package let lag: UInt64
    /// When it was known, microseconds since 1970.
    package let time: Int64

    package init(trace: TraceContext, lag: UInt64, time: Int64) {
        self.trace = trace
        self.lag = lag
        self.time = time
    }
}

/// The newest of each bucket, so what a scrape gets is bounded by the buckets. Takes no memory until there is one.
public struct LagExemplars: Sendable, Equatable {
    /// By index of `LagHistogram.bounds`, and one for what is longer.
    private var newest: [LagExemplar?] = []

    public init() {}

    package mutating func keep(_ exemplar: LagExemplar) {
        if newest.isEmpty { newest = Array(repeating: nil, count: LagHistogram.bounds.count + 1) }
        newest[Self.bucket(of: exemplar.lag)] = exemplar
    }

    mutating func add(_ other: LagExemplars) {
        for case let exemplar? in other.newest
        where exemplar.time > self[Self.bucket(of: exemplar.lag)]?.time ?? .min { keep(exemplar) }
    }

    /// - Parameter bucket: index of its upper end in `LagHistogram.bounds`, or their number.
    package subscript(bucket: Int) -> LagExemplar? { newest.isEmpty ? nil : newest[bucket] }

    private static func bucket(of lag: UInt64) -> Int {
        LagHistogram.bounds.firstIndex { lag <= $0 } ?? LagHistogram.bounds.count
    }
}
