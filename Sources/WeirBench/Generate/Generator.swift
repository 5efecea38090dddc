// Makes a topology's input: events with a heavy tail of organisations, repeats, late ones, conflicts and poison.

import Foundation
public import WeirAvro
public import WeirCore

/// The records of one run, in order, and what a pipeline must make of them.
///
/// The same options, topology and schemas give the same records; options with another seed, or another
/// start, give events with other idempotency keys. Used by one thread; `progress` may be
/// read by any.
public final class Generator {
    public let progress = GeneratorProgress()
    /// Topics that records go to.
    public let topics: [String]
    /// No record's key and value are larger together.
    public let largestRecord: Int
    private let options: GeneratorOptions
    private let schedule: Schedule
    private let tail: HeavyTail
    private var random: SeededRandom
    private var sources: [SourceGenerator]
    private var builder: ExpectationBuilder
    private var produced = 0
    private var nextRow = 0

    public init(
        _ options: GeneratorOptions, topology: Topology, schemas: SchemaFolder
    ) throws(WeirError) {
        try options.validate()
        self.options = options
        schedule = try Schedule(options)
        // The start counts as well: a second run at another time is not to look like a repeat of the first.
        let seed = SeededRandom.mix(options.seed) ^ SeededRandom.mix(UInt64(bitPattern: schedule.start))
        random = SeededRandom(seed: seed)
        tail = HeavyTail(
            count: max(1, options.organisations - options.others), law: options.law, skew: options.skew)

        let wanted = topology.sources.filter { options.trace == nil || options.trace?.topic == $0.topic }
        if let trace = options.trace, wanted.isEmpty {
            throw WeirError(
                .usage, "the topology has no source \(trace.topic) to replay the trace through",
                advice: "It has \(topology.sources.map(\.topic).joined(separator: ", ")); choose with --trace-topic.")
        }
        var sources: [SourceGenerator] = []
        for source in wanted {
            try schedule.check(source, options)
            sources.append(
                try SourceGenerator(
                    source: source, topology: topology, schemas: schemas, options: options,
                    firstNumber: Int64(seed % (1 << 30))))
        }
        let allowed = sources.flatMap(\.poisonKinds)
        if let unusable = options.poisonKinds?.first(where: { !allowed.contains($0) }) {
            let usable = PoisonKind.allCases.filter { allowed.contains($0) }.map(\.rawValue)
            throw WeirError(
                .usage, "no record of \(topology.name) can be poison of kind \(unusable)",
                advice: usable.isEmpty ? "" : "Of those given, these can: \(usable.joined(separator: ", ")).")
        }
        let limit = topology.limits.recordBytes
        if let large = options.largeBytes, large <= limit {
            throw WeirError(.usage, "--large-bytes is \(large): that is not more than record_bytes, \(limit)")
        }
        largestRecord = 64 << 10 + (allowed.contains(.large) ? options.largeBytes ?? limit + (64 << 10) : 0)
        self.sources = sources
        topics = wanted.map(\.topic)

        var scales: [String: Int] = [:]
        for meter in topology.meters {
            guard let source = wanted.first(where: { $0.topic == meter.source }), let field = meter.field,
                let schema = schemas.latest(subject: source.schema)?.schema
            else { continue }
            scales[meter.name] = schema.scale(of: field)
        }
        builder = ExpectationBuilder(
            topology: topology, scales: scales, keepsTotals: options.keepsTotals)
    }

    /// What a pipeline must make of the records that were handed out so far.
    public var expectation: Expectation { builder.expectation }

    public var isFinished: Bool { options.trace == nil ? produced >= schedule.count : nextRow >= schedule.count }

    /// The next record; nil after the last.
    ///
    /// - Parameter due: microseconds from the start to its arrival, which its event time follows; nil if records are
    ///   evenly spaced, or a trace's.
    public func next(due: Int64? = nil) -> OutgoingRecord? {
        guard !isFinished else { return nil }
        let record = draw(due)
        produced += 1
        progress.add(1, to: progress.produced)
        progress.add((record.key?.count ?? 0) + (record.payload?.count ?? 0), to: progress.bytes)
        return record
    }

    private func draw(_ due: Int64?) -> OutgoingRecord {
        let index = sources.count == 1 ? 0 : random.below(sources.count)
        let moment = schedule.moment(options.trace == nil ? produced : nextRow, due: due, &random)
        let topic = sources[index].source.topic
        let roll = random.unit()
        let poisonKinds = sources[index].poisonKinds
        if roll < options.repeats {
            if let record = sources[index].repeat(&random) {
                builder.addRepeat(topic: topic)
                progress.add(1, to: progress.repeats)
                return record
            }
        } else if roll < options.repeats + options.conflicts {
            if let record = sources[index].conflict(at: moment, &random) {
                builder.addConflict(topic: topic)
                progress.add(1, to: progress.conflicts)
                return record
            }
        } else if roll < options.repeats + options.conflicts + options.poison, !poisonKinds.isEmpty {
            let kind = poisonKinds[random.below(poisonKinds.count)]
            builder.addDeadLetter(topic: topic, reason: kind.reason)
            progress.add(1, to: progress.poison)
            return sources[index].poison(kind, organisation: organisation(), at: moment, &random)
        }
        let event = sources[index].event(organisation: organisation(), at: moment, &random)
        builder.add(topic: topic, organisation: event.organisation, time: event.time, values: event.values)
        progress.add(1, to: progress.unique)
        nextRow += 1
        return event.record
    }

    private func organisation() -> Int {
        // Nothing is drawn where none is hot: a seed's records stay what they were.
        if options.hot > 0, random.chance(options.hot) { return 0 }
        return min(options.others + tail.draw(&random), options.organisations - 1)
    }

    // MARK: Sending

    /// Records between two looks at the flow.
    private static let stride = 64

    /// Hands all records to `send` at the rate of the options. An error of `send` ends the run.
    ///
    /// Time spent in a pause is not caught up with; time lost otherwise is.
    public func run(flow: GeneratorFlow = GeneratorFlow(), send: (OutgoingRecord) throws -> Void) throws {
        let clock = ContinuousClock()
        var began = clock.now
        var sent = 0
        while !isFinished {
            try flow.meanwhile()
            if flow.shouldStop() { return }
            let now = clock.now
            if flow.shouldPause() {
                Thread.sleep(forTimeInterval: 0.002)
                began += clock.now - now
                continue
            }
            var turn = Generator.stride
            if options.rate > 0 {
                let due = Int((now - began) / .seconds(1) * options.rate) + 1
                turn = min(turn, due - sent)
                if turn <= 0 {
                    let wait = Double(sent) / options.rate - (now - began) / .seconds(1)
                    Thread.sleep(forTimeInterval: min(0.002, max(0.0001, wait)))
                    continue
                }
            }
            for _ in 0..<turn {
                guard let record = next() else { return try flow.meanwhile() }
                try send(record)
                sent += 1
            }
        }
        try flow.meanwhile()
    }
}
