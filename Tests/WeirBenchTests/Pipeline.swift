// The pipeline's own decoder and meters over generated records, without Kafka and PostgreSQL.

import WeirAvro
import WeirBench
import WeirCore

/// What the pipeline's core made of records: to be what the expectation says.
struct Pipeline {
    var counts = Expectation.Counts()
    var deadLetters: [String: [String: Int]] = [:]
    var usage: [ActualUsage] = []

    init(_ records: [OutgoingRecord], _ fixture: Fixture) throws {
        var batch = MeterBatch(secret: Hash128(low: 3, high: 4), memberScope: "billing.usage")
        for (slot, source) in fixture.topology.sources.enumerated() {
            let plan = SourcePlan(source: source, topology: fixture.topology)
            var seen = KeyIndex()
            var progress = PartitionProgress(partition: slot, fromOffset: nil, nextOffset: 0)
            for (offset, record) in records.enumerated() where record.topic == source.topic {
                counts.produced += 1
                var reason = Pipeline.frameReason(record, fixture)
                if reason == nil {
                    let outcome = try Pipeline.apply(
                        record, plan, slot, offset, fixture, &batch, &seen, &progress)
                    switch outcome {
                    case .counted: counts.unique += 1
                    case .duplicate: counts.repeats += 1
                    case .conflict: counts.conflicts += 1
                    case .rejected(let rejection): reason = rejection.reason
                    }
                }
                if let reason {
                    counts.deadLetters += 1
                    deadLetters[record.topic, default: [:]][reason.rawValue, default: 0] += 1
                }
            }
        }
        read(batch, fixture)
    }

    private static func frameReason(_ record: OutgoingRecord, _ fixture: Fixture) -> DeadLetterReason? {
        guard let payload = record.payload else { return .emptyRecord }
        if payload.count > fixture.topology.limits.recordBytes { return .recordTooLarge }
        if record.key == nil { return .nullKey }
        guard let frame = ConfluentFrame(parsing: payload.span.bytes) else { return .notFramed }
        return fixture.schemas.schema(id: frame.schemaID) == nil ? .unknownSchema : nil
    }

    private static func apply(
        _ record: OutgoingRecord, _ plan: SourcePlan, _ slot: Int, _ offset: Int, _ fixture: Fixture,
        _ batch: inout MeterBatch, _ seen: inout KeyIndex, _ progress: inout PartitionProgress
    ) throws -> MeterBatch.Outcome {
        guard let payload = record.payload, let key = record.key,
            let schema = fixture.schemas.latest(subject: plan.source.schema)?.schema
        else { return .rejected(Rejection(.emptyRecord)) }
        let decoder = try DecodePlan(writer: schema, reader: nil, fields: plan.requests)
        var fields = [FieldValue](repeating: FieldValue(), count: decoder.fieldCount)
        let body = payload.span.bytes.extracting(ConfluentFrame.headerSize..<payload.count)
        do {
            var span = fields.mutableSpan
            try decoder.decode(body, into: &span)
        } catch {
            return .rejected(Rejection(.undecodable))
        }
        let decoded = DecodedRecord(
            body: body, constants: decoder.constants.span.bytes, fields: fields.span, offset: Int64(offset))
        return batch.apply(
            decoded, plan: plan, slot: slot, messageKey: key.span.bytes, now: Fixture.now.microseconds, bucket: 0,
            seen: &seen, known: KeyIndex(), progress: &progress)
    }

    private mutating func read(_ batch: borrowing MeterBatch, _ fixture: Fixture) {
        var members = [Int](repeating: 0, count: batch.deltas.count)
        for member in batch.members { members[Int(member.delta)] += 1 }
        for (index, delta) in batch.deltas.enumerated() {
            let meter = fixture.topology.meters[Int(delta.meter)]
            let quantity = meter.aggregate == .unique ? Int128(members[index]) : delta.quantity
            let source = fixture.topology.sources.first { $0.topic == meter.source }
            let schema = source.flatMap { fixture.schemas.latest(subject: $0.schema)?.schema }
            let scale = meter.field.flatMap { field in schema?.scale(of: field) } ?? 0
            let dimensions = batch.dimensions(of: delta, names: meter.groupBy)
            usage.append(
                ActualUsage(
                    organisation: String(decoding: batch.organisation(delta.organisation), as: UTF8.self),
                    meter: meter.name, windowStart: delta.windowStart, windowEnd: delta.windowEnd,
                    dimensions: Dictionary(uniqueKeysWithValues: dimensions.map { ($0.name, $0.value) }),
                    quantity: Pipeline.text(quantity, scale: meter.aggregate == .unique ? 0 : scale),
                    eventCount: delta.eventCount))
        }
    }

    /// As PostgreSQL shows a numeric: six digits after the point.
    private static func text(_ unscaled: Int128, scale: Int) -> String {
        let millionths = (scale..<6).reduce(unscaled) { number, _ in number * 10 }
        let fraction = String(millionths % 1_000_000)
        return "\(millionths / 1_000_000).\(String(repeating: "0", count: 6 - fraction.count))\(fraction)"
    }
}
