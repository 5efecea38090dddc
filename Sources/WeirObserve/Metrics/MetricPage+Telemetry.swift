// What became of the telemetry that was sent elsewhere, as a metric.

/// Of one signal.
public struct ExportCounts: Sendable, Equatable {
    /// A collector has them.
    public var sent: Int64 = 0
    /// The queue was full.
    public var overflow: Int64 = 0
    /// A collector would not have them, now or ever.
    public var refused: Int64 = 0
    /// It did not answer for as long as Weir tries, or the process ended before it did.
    public var givenUp: Int64 = 0

    public init() {}
}

extension MetricPage {
    /// - Parameter exports: by signal: `traces`, `logs`, `metrics`.
    public mutating func add(exports: [(signal: String, counts: ExportCounts)]) {
        for (signal, counts) in exports {
            add(MetricCatalogue.telemetry, [signal, "sent"], counts.sent)
            add(MetricCatalogue.telemetry, [signal, "overflow"], counts.overflow)
            add(MetricCatalogue.telemetry, [signal, "refused"], counts.refused)
            add(MetricCatalogue.telemetry, [signal, "given_up"], counts.givenUp)
        }
    }

    /// - Parameters:
    ///   - clashes: metrics of the façade that were left out because their name means something else.
    ///   - excess: those that were one too many.
    package mutating func add(clashes: Int64, excess: Int64) {
        add(MetricCatalogue.facadeRefused, ["clash"], clashes)
        add(MetricCatalogue.facadeRefused, ["limit"], excess)
    }
}
