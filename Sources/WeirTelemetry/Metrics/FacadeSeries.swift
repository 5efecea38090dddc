// What counters, gauges and timers of swift-metrics count into.

internal import CoreMetrics
internal import Synchronization
internal import WeirObserve

/// Which line of the page it is.
struct SeriesID: Hashable {
    struct Label: Hashable, Comparable {
        let name: String
        let value: String

        static func < (one: Label, other: Label) -> Bool { (one.name, one.value) < (other.name, other.value) }
    }

    let name: String
    /// By name, without those that are empty, which mean the same as none.
    let labels: [Label]

    init(_ name: String, _ dimensions: [(String, String)]) {
        self.name = name
        let values = dimensions.map { (MetricName.label($0), String(decoding: $1.utf8.prefix(200), as: UTF8.self)) }
        // Two names may have become one.
        labels = Dictionary(values) { $1 }.filter { !$0.value.isEmpty }.map { Label(name: $0, value: $1) }.sorted()
    }
}

/// Any thread may count; the lock is held for an addition.
protocol FacadeSeries: AnyObject, Sendable {
    static var kind: MetricFamily.Kind { get }
    var id: SeriesID { get }

    init(_ id: SeriesID)
    func tell(_ page: inout MetricPage, as family: MetricFamily, _ labels: [String])
}

/// Whole and broken amounts are added up apart, so that whole ones stay exact. Never falls, but for `reset`.
final class FacadeCounter: FacadeSeries, CounterHandler, FloatingPointCounterHandler {
    static let kind = MetricFamily.Kind.counter

    let id: SeriesID
    private let amount = Mutex((whole: Int64(0), rest: 0.0))

    init(_ id: SeriesID) { self.id = id }

    func increment(by step: Int64) {
        guard step > 0 else { return }
        amount.withLock { amount in
            let (sum, isOver) = amount.whole.addingReportingOverflow(step)
            amount.whole = isOver ? .max : sum
        }
    }

    func increment(by step: Double) {
        guard step > 0, step.isFinite else { return }
        amount.withLock { $0.rest += step }
    }

    func reset() { amount.withLock { $0 = (0, 0) } }

    func tell(_ page: inout MetricPage, as family: MetricFamily, _ labels: [String]) {
        let (whole, rest) = amount.withLock { $0 }
        if rest == 0 { page.add(family, labels, whole) } else { page.add(family, labels, Double(whole) + rest) }
    }
}

/// A meter, or a recorder that keeps its last value.
final class FacadeGauge: FacadeSeries, MeterHandler, RecorderHandler {
    static let kind = MetricFamily.Kind.gauge

    let id: SeriesID
    private let value = Mutex(0.0)

    init(_ id: SeriesID) { self.id = id }

    func set(_ new: Double) { value.withLock { $0 = new } }

    func set(_ new: Int64) { set(Double(new)) }

    func record(_ new: Double) { set(new) }

    func record(_ new: Int64) { set(Double(new)) }

    func increment(by step: Double) { value.withLock { $0 += step } }

    func decrement(by step: Double) { value.withLock { $0 -= step } }

    func tell(_ page: inout MetricPage, as family: MetricFamily, _ labels: [String]) {
        page.add(family, labels, value.withLock { $0 })
    }
}

/// A timer, or a recorder that aggregates.
final class FacadeHistogram: FacadeSeries, TimerHandler, RecorderHandler {
    static let kind = MetricFamily.Kind.histogram

    let id: SeriesID
    private let values: Mutex<BucketHistogram>

    /// Buckets go by the name, so that all series of a family have the same.
    init(_ id: SeriesID) {
        self.id = id
        values = Mutex(BucketHistogram(id.name.hasSuffix("_seconds") ? .seconds : .decades))
    }

    func record(_ value: Double) { values.withLock { $0.record(value) } }

    func record(_ value: Int64) { record(Double(value)) }

    func recordNanoseconds(_ duration: Int64) { record(Double(max(0, duration)) / 1_000_000_000) }

    func tell(_ page: inout MetricPage, as family: MetricFamily, _ labels: [String]) {
        page.add(family, labels, values.withLock { $0 })
    }
}
