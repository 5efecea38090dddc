// Makes the records of one source: new events, repeats, conflicts and poison.

import WeirAvro
import WeirCore

struct SourceGenerator {
    let source: Source
    /// Kinds of poison that this source's schema allows.
    let poisonKinds: [PoisonKind]
    private var record: RecordWriter
    private var recent: RecentEvents
    /// Counts events and poison; the idempotency key where that is a number.
    private var number: Int64
    private let frame: [UInt8]
    private let strangeFrame: [UInt8]
    private let largeBytes: Int
    /// Times taken by an organisation's events, where two of the same time would have no order.
    private var taken: Set<Moment>?
    private let timeStep: Int64

    private struct Moment: Hashable {
        var organisation: Int
        var time: Int64
    }

    /// What became of a new event, for the expectation.
    struct Event {
        var record: OutgoingRecord
        var organisation: String
        var time: Int64
        var values: [EventValue]
    }

    init(
        source: Source, topology: Topology, schemas: SchemaFolder, options: GeneratorOptions, firstNumber: Int64
    ) throws(WeirError) {
        self.source = source
        number = firstNumber
        guard let entry = schemas.latest(subject: source.schema) else {
            throw WeirError(
                .badData, "there is no schema \(source.schema) in \(schemas.path) for topic \(source.topic)",
                advice: "There are \(schemas.subjects.joined(separator: ", ")); choose the folder with --schemas.")
        }
        let traced = options.trace.map { $0.topic == source.topic ? $0.fields : [] } ?? []
        try SourceGenerator.check(entry.schema, source, topology, traced)
        var compiler = RecordCompiler(schema: entry.schema, source: source, options: options)
        let slots = options.keepsTotals ? ExpectationBuilder.fields(of: source.topic, in: topology) : []
        let steps = try compiler.compile(
            FieldNode(source: source, topology: topology, traced: traced, slots: slots))
        record = RecordWriter(steps: steps, slots: slots.count)
        recent = RecentEvents(capacity: max(1000, 100_000 / topology.sources.count))

        var canBe: [PoisonKind: Bool] = [:]
        canBe[.organisation] = compiler.canLack.contains(.organisation)
        canBe[.idempotency] = compiler.canLack.contains(.idempotencyKey)
        canBe[.negative] = compiler.hasMeasure
        poisonKinds = (options.poisonKinds ?? PoisonKind.standard).filter { canBe[$0] ?? true }

        frame = SourceGenerator.frame(entry.id)
        let strange = (0..<Int32.max).lazy.map { 1_999_999_999 - $0 }.first { schemas.entry(id: $0) == nil }
        strangeFrame = SourceGenerator.frame(strange ?? 1_999_999_999)
        largeBytes = options.largeBytes ?? topology.limits.recordBytes + (64 << 10)

        // Records of one organisation in several partitions have no order but their times'.
        let needsOrder = topology.meters.contains { $0.source == source.topic && $0.aggregate == .last }
        taken = needsOrder && source.key != source.organisation ? [] : nil
        timeStep = entry.schema.type(at: source.time.field)?.logical == .timestampMillis ? 1000 : 1
    }

    private static func frame(_ id: Int32) -> [UInt8] {
        var writer = AvroWriter()
        ConfluentFrame.writeHeader(schemaID: id, into: &writer)
        return writer.bytes
    }

    private static func check(
        _ schema: AvroSchema, _ source: Source, _ topology: Topology, _ traced: [FieldPath]
    ) throws(WeirError) {
        var requests = [
            FieldRequest(source.organisation, .identity), FieldRequest(source.key, .identity),
            FieldRequest(source.idempotency.field, .identity), FieldRequest(source.time.field, .time),
        ]
        requests += source.idempotency.ignoring.map { FieldRequest($0, .extent) }
        requests += traced.map { FieldRequest($0, .measure) }
        for meter in topology.meters where meter.source == source.topic {
            if let field = meter.field {
                requests.append(FieldRequest(field, meter.aggregate == .unique ? .identity : .measure))
            }
            requests += meter.groupBy.map { FieldRequest($0, .identity) }
        }
        for request in requests {
            if let problem = schema.problem(with: request) {
                throw WeirError(.badData, "\(schema.source): \(request.path): \(problem)")
            }
        }
    }

    // MARK: Records

    mutating func event(
        organisation: Int, at moment: EventMoment, _ random: inout SeededRandom
    ) -> Event {
        number += 1
        record.draft.identity = (random.next(), random.next())
        record.draft.number = number
        record.draft.keyPick = nil
        write(organisation, moment, flaw: nil, &random)
        let draft = record.draft
        let payload = copyOfRecord()
        recent.add(
            RecentEvent(
                payload: payload, key: draft.key, organisation: organisation, identity: draft.identity,
                number: number, keyPick: draft.keyPicked, attempts: draft.attempts, ignored: draft.ignored))
        return Event(
            record: OutgoingRecord(topic: source.topic, key: draft.key, payload: payload),
            organisation: draft.organisationName, time: draft.eventTime, values: draft.values)
    }

    /// An earlier event again, byte for byte or, every other time, with a new attempt id where it has one.
    func `repeat`(_ random: inout SeededRandom) -> OutgoingRecord? {
        guard var event = recent.draw(&random) else { return nil }
        if random.below(2) == 0 {
            for extent in event.attempts {
                event.payload.replaceSubrange(extent, with: UUIDText.make(&random).utf8)
            }
        }
        return OutgoingRecord(topic: source.topic, key: event.key, payload: event.payload)
    }

    /// Another content under the identity of an earlier event; nil if there is none or nothing in it can change.
    mutating func conflict(at moment: EventMoment, _ random: inout SeededRandom) -> OutgoingRecord? {
        guard let event = recent.draw(&random) else { return nil }
        let original = SourceGenerator.essence(event.payload, leavingOut: event.ignored)
        for _ in 0..<100 {
            record.draft.identity = event.identity
            record.draft.number = event.number
            record.draft.keyPick = event.keyPick
            write(event.organisation, moment, flaw: nil, &random, keepsTime: true)
            guard record.draft.key == event.key else { return nil }
            let payload = copyOfRecord()
            if SourceGenerator.essence(payload, leavingOut: record.draft.ignored) != original {
                return OutgoingRecord(topic: source.topic, key: event.key, payload: payload)
            }
        }
        return nil
    }

    mutating func poison(
        _ kind: PoisonKind, organisation: Int, at moment: EventMoment, _ random: inout SeededRandom
    ) -> OutgoingRecord {
        number += 1
        record.draft.identity = (random.next(), random.next())
        record.draft.number = number
        record.draft.keyPick = nil
        write(organisation, moment, flaw: kind, &random, keepsTime: true)
        var key: [UInt8]? = record.draft.key.isEmpty ? Array("nobody".utf8) : record.draft.key
        var payload: [UInt8]? = copyOfRecord()
        switch kind {
        case .truncated:
            let body = record.writer.count - frame.count
            payload = Array(record.writer.bytes.prefix(frame.count + random.below(max(1, body))))
        case .trailing:
            payload = record.writer.bytes + (0...random.below(8)).map { _ in UInt8(random.below(256)) }
        case .unframed: payload = Array("{\"org_id\":\"\(record.draft.organisationName)\"}".utf8)
        case .schema: payload = strangeFrame + record.writer.bytes.dropFirst(frame.count)
        case .empty: payload = nil
        case .keyless: key = nil
        case .mismatch:
            let other = recent.draw(&random)?.key
            key = other.flatMap { $0 == key ? nil : $0 } ?? record.draft.key + Array("-other".utf8)
        case .large:
            let missing = max(0, largeBytes - record.writer.count)
            payload = record.writer.bytes + [UInt8](repeating: 0, count: missing)
        case .organisation, .idempotency, .ancient, .future, .negative, .zero: break
        }
        return OutgoingRecord(topic: source.topic, key: key, payload: payload)
    }

    /// - Parameter keepsTime: the record is not counted, so its time may be that of another.
    private mutating func write(
        _ organisation: Int, _ moment: EventMoment, flaw: PoisonKind?, _ random: inout SeededRandom,
        keepsTime: Bool = false
    ) {
        record.draft.organisation = organisation
        record.draft.time = keepsTime ? moment.time : free(moment.time, organisation)
        record.draft.traced = moment.traced
        record.draft.flaw = flaw
        record.writer.removeAll()
        record.writer.writeFixed(frame)
        record.write(&random)
    }

    /// The record's bytes in an array of their size. The writer's own must not be shared: emptying a shared
    /// array makes a new one, each time a little larger than the last.
    private func copyOfRecord() -> [UInt8] {
        var copy: [UInt8] = []
        copy.reserveCapacity(record.writer.count)
        copy.append(contentsOf: record.writer.bytes)
        return copy
    }

    /// The time itself, or the nearest earlier one that no event of the organisation has.
    private mutating func free(_ time: Int64, _ organisation: Int) -> Int64 {
        guard taken != nil else { return time }
        var moment = Moment(organisation: organisation, time: time - ((time % timeStep) + timeStep) % timeStep)
        while taken?.insert(moment).inserted == false { moment.time -= timeStep }
        return moment.time
    }

    private static func essence(_ payload: [UInt8], leavingOut extents: [Range<Int>]) -> [UInt8] {
        var rest = payload
        for extent in extents.reversed() { rest.removeSubrange(extent) }
        return rest
    }
}
