// What the process's code says through swift-metrics, for the page that tells all metrics.

public import CoreMetrics
internal import Synchronization
public import WeirObserve

/// One handler for each name and labels, whoever asks for it and however often. What cannot be told is counted nowhere,
/// and counted as that: a name that is something else's on the page already, or one series too many.
///
/// Series of one name may have different labels; whoever lacks one has it empty, which to Prometheus is the same.
public final class FacadeMetrics: MetricsFactory {
    /// Of all metrics together: labels may have values that nobody bounds.
    public static let mostSeries = 2_000

    private struct Family {
        let kind: MetricFamily.Kind
        /// As it was asked for first.
        let label: String
        var series: [SeriesID: any FacadeSeries] = [:]
    }

    private struct State {
        var families: [String: Family] = [:]
        /// Names on the page that are not free.
        var claimed = Set(MetricCatalogue.all.flatMap(\.claimedNames))
        var count = 0
        var clashes: Int64 = 0
        var excess: Int64 = 0
    }

    /// Weir's own: their labels and their help are in the catalogue.
    private static let declared = Dictionary(uniqueKeysWithValues: MetricCatalogue.facade.map { ($0.name, $0) })

    private let state = Mutex(State())

    public init() {}

    // MARK: Handlers

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions)
    }

    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler { counter(label, dimensions) }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions)
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        aggregate ? histogram(MetricName.plain(label), label, dimensions) : gauge(label, dimensions)
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(MetricName.timer(label), label, dimensions)
    }

    public func destroyCounter(_ handler: any CounterHandler) { forget(handler) }

    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { forget(handler) }

    public func destroyMeter(_ handler: any MeterHandler) { forget(handler) }

    public func destroyRecorder(_ handler: any RecorderHandler) { forget(handler) }

    public func destroyTimer(_ handler: any TimerHandler) { forget(handler) }

    private func counter(
        _ label: String, _ dimensions: [(String, String)]
    ) -> any CounterHandler & FloatingPointCounterHandler {
        let series: FacadeCounter? = find(MetricName.counter(label), label, dimensions)
        guard let series else { return NOOPMetricsHandler.instance }
        return series
    }

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> any MeterHandler & RecorderHandler {
        let series: FacadeGauge? = find(MetricName.plain(label), label, dimensions)
        guard let series else { return NOOPMetricsHandler.instance }
        return series
    }

    private func histogram(
        _ name: String, _ label: String, _ dimensions: [(String, String)]
    ) -> any TimerHandler & RecorderHandler {
        let series: FacadeHistogram? = find(name, label, dimensions)
        guard let series else { return NOOPMetricsHandler.instance }
        return series
    }

    /// - Returns: nil if it cannot be told.
    private func find<Series: FacadeSeries>(
        _ name: String, _ label: String, _ dimensions: [(String, String)]
    ) -> Series? {
        let id = SeriesID(name, dimensions)
        return state.withLock { state in
            if let known = state.families[name]?.series[id] as? Series { return known }
            guard Self.isFree(id, Series.kind, in: state) else {
                state.clashes += 1
                return nil
            }
            guard state.count < Self.mostSeries else {
                state.excess += 1
                return nil
            }
            let series = Series(id)
            state.families[name, default: Family(kind: Series.kind, label: label)].series[id] = series
            state.claimed.formUnion(Self.claims(name, Series.kind))
            state.count += 1
            return series
        }
    }

    private static func isFree(_ id: SeriesID, _ kind: MetricFamily.Kind, in state: State) -> Bool {
        if let family = declared[id.name] {
            return family.kind == kind && family.labels.sorted() == id.labels.map(\.name)
        }
        if let family = state.families[id.name] { return family.kind == kind }
        return state.claimed.isDisjoint(with: claims(id.name, kind))
    }

    private static func claims(_ name: String, _ kind: MetricFamily.Kind) -> [String] {
        MetricFamily(name, kind, [], "").claimedNames
    }

    /// Whoever still has the handler counts nowhere; who asks for the name again begins anew.
    private func forget(_ handler: any Sendable) {
        guard let series = handler as? any FacadeSeries else { return }
        state.withLock { state in
            guard var family = state.families[series.id.name], family.series[series.id] === series else { return }
            family.series[series.id] = nil
            state.count -= 1
            state.families[series.id.name] = family.series.isEmpty ? nil : family
            guard family.series.isEmpty, Self.declared[series.id.name] == nil else { return }
            state.claimed.subtract(Self.claims(series.id.name, family.kind))
        }
    }

    // MARK: The page

    /// Adds all that was counted so far.
    public func tell(_ page: inout MetricPage) {
        let (families, clashes, excess) = state.withLock { ($0.families, $0.clashes, $0.excess) }
        for (name, known) in families {
            let family = Self.declared[name] ?? Self.family(name, known)
            for series in known.series.values.sorted(by: { $0.id.labels.lexicographicallyPrecedes($1.id.labels) }) {
                let values = Dictionary(uniqueKeysWithValues: series.id.labels.map { ($0.name, $0.value) })
                series.tell(&page, as: family, family.labels.map { values[$0] ?? "" })
            }
        }
        page.add(clashes: clashes, excess: excess)
    }

    private static func family(_ name: String, _ known: Family) -> MetricFamily {
        let labels = Set(known.series.keys.flatMap { $0.labels.map(\.name) })
        let bare = known.kind == .counter ? String(name.dropLast("_total".count)) : name
        let unit = ["seconds", "bytes", "ratio"].first { bare.hasSuffix("_" + $0) } ?? ""
        return MetricFamily(
            name, known.kind, unit: unit, labels.sorted(),
            "`\(String(known.label.prefix(200)))` of swift-metrics, which a library in this process tells.")
    }
}
