// Counts what a pipeline must find, event by event, in the plainest way.

public import WeirCore

/// Takes in events and yields the `Expectation`.
///
/// Plain dictionaries and sets, exact 128-bit numbers that trap rather than overflow, and Foundation's
/// calendar: slower than the pipeline and independent of it.
public struct ExpectationBuilder {
    /// Names one result.
    private struct Key: Hashable {
        var meter: Int
        var organisation: String
        var window: WindowCalendar.Window
        /// In the order of the meter's `group_by`.
        var dimensions: [String]
    }

    private struct Total {
        var quantity: Int128 = 0
        var eventCount: Int64 = 0
        var lastTime = Int64.min
        var members: Set<String> = []

        mutating func add(_ value: EventValue, time: Int64, as aggregate: Aggregate) {
            eventCount += 1
            switch (aggregate, value) {
            case (.count, _): quantity += 1
            case (.sum, .number(let number)): quantity += number
            case (.min, .number(let number)): quantity = eventCount == 1 ? number : min(quantity, number)
            case (.max, .number(let number)): quantity = eventCount == 1 ? number : max(quantity, number)
            case (.last, .number(let number)):
                // Of equal times the one that was produced later wins.
                if time >= lastTime {
                    quantity = number
                    lastTime = time
                }
            case (.unique, _):
                members.insert(value.words)
                quantity = Int128(members.count)
            case (.sum, _), (.min, _), (.max, _), (.last, _):
                preconditionFailure("a measure that is no number")
            }
        }
    }

    /// A meter, with places in the values of its source's events.
    private struct MeterTally {
        var index: Int
        var meter: Meter
        var measure: Int?
        var dimensions: [Int]
    }

    private let topology: Topology
    private let scales: [String: Int]
    private let keepsTotals: Bool
    private let meters: [String: [MeterTally]]
    private var calendar = WindowCalendar()
    private var totals: [Key: Total] = [:]
    private var topics: [String: Expectation.Counts] = [:]
    private var deadLetters: [String: [String: Int]] = [:]

    /// - Parameters:
    ///   - scales: digits after the point, by meter; 0 for meters that are not listed.
    ///   - keepsTotals: whether the expectation has `usage`, or counts alone.
    public init(topology: Topology, scales: [String: Int] = [:], keepsTotals: Bool = true) {
        self.topology = topology
        self.scales = scales
        self.keepsTotals = keepsTotals
        var meters: [String: [MeterTally]] = [:]
        for source in topology.sources {
            let fields = ExpectationBuilder.fields(of: source.topic, in: topology)
            meters[source.topic] = topology.meters.enumerated().filter { $0.element.source == source.topic }
                .map { index, meter in
                    MeterTally(
                        index: index, meter: meter, measure: meter.field.flatMap { fields.firstIndex(of: $0) },
                        dimensions: meter.groupBy.compactMap { fields.firstIndex(of: $0) })
                }
            topics[source.topic] = Expectation.Counts()
        }
        self.meters = meters
    }

    /// The fields that meters use of a source, each once: the order of the values given to `add`.
    public static func fields(of topic: String, in topology: Topology) -> [FieldPath] {
        var fields: [FieldPath] = []
        for meter in topology.meters where meter.source == topic {
            for field in meter.groupBy + (meter.field.map { [$0] } ?? []) where !fields.contains(field) {
                fields.append(field)
            }
        }
        return fields
    }

    /// An event that is new and right.
    public mutating func add(topic: String, organisation: String, time: Int64, values: [EventValue]) {
        topics[topic, default: .init()].unique += 1
        guard keepsTotals, let meters = meters[topic] else { return }
        for tally in meters {
            let key = Key(
                meter: tally.index, organisation: organisation,
                window: calendar.window(holding: time, of: tally.meter.window),
                dimensions: tally.dimensions.map { values[$0].words })
            let value = tally.measure.map { values[$0] } ?? .null
            totals[key, default: Total()].add(value, time: time, as: tally.meter.aggregate)
        }
    }

    public mutating func addRepeat(topic: String) { topics[topic, default: .init()].repeats += 1 }

    public mutating func addConflict(topic: String) { topics[topic, default: .init()].conflicts += 1 }

    public mutating func addDeadLetter(topic: String, reason: DeadLetterReason) {
        topics[topic, default: .init()].deadLetters += 1
        deadLetters[topic, default: [:]][reason.rawValue, default: 0] += 1
    }

    /// Everything so far.
    public var expectation: Expectation {
        var counts = Expectation.Counts()
        var topics = topics
        for topic in topics.keys {
            guard var part = topics[topic] else { continue }
            part.produced = part.unique + part.repeats + part.conflicts + part.deadLetters
            topics[topic] = part
            counts.produced += part.produced
            counts.unique += part.unique
            counts.repeats += part.repeats
            counts.conflicts += part.conflicts
            counts.deadLetters += part.deadLetters
        }
        let sorted = totals.sorted { one, other in
            let first = (one.key.organisation, one.key.meter, one.key.window.start)
            let second = (other.key.organisation, other.key.meter, other.key.window.start)
            return first != second
                ? first < second : one.key.dimensions.lexicographicallyPrecedes(other.key.dimensions)
        }
        return Expectation(
            topology: topology.name, counts: counts, topics: topics, deadLetters: deadLetters,
            usage: sorted.map { key, total in usage(key, total) })
    }

    private func usage(_ key: Key, _ total: Total) -> Expectation.Usage {
        let meter = topology.meters[key.meter]
        let isMeasured = meter.aggregate != .count && meter.aggregate != .unique
        return Expectation.Usage(
            organisation: key.organisation, meter: meter.name, windowStart: key.window.start,
            windowEnd: key.window.end,
            dimensions: Dictionary(
                zip(meter.groupBy.map(\.description), key.dimensions), uniquingKeysWith: { first, _ in first }),
            quantity: DecimalText.write(total.quantity, scale: isMeasured ? scales[meter.name] ?? 0 : 0),
            eventCount: total.eventCount)
    }
}
