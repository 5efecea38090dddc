// From a Kafka payload to decoded fields: framing, the plan for its schema, decoding.

internal import WeirAvro
internal import WeirCore

/// Decodes the records of one source. Plans are made once per schema id. Belongs to one `WorkerCore`, whose comment
/// says why some of it is `@exclusivity(unchecked)`.
final class RecordReader {
    /// Held as one, not as each of its arrays.
    private final class Compiled {
        let plan: DecodePlan

        init(_ plan: DecodePlan) { self.plan = plan }
    }

    private enum Entry {
        case plan(Compiled)
        case refused(DeadLetterReason, String)
    }

    struct Refusal: Error {
        let reason: DeadLetterReason
        let message: String
        let schemaID: Int32?
    }

    let plan: SourcePlan
    private(set) var schemas: SchemaCatalog
    private let recordBytes: Int
    private var plans: [WireSchema: Entry] = [:]
    /// Schema id that `decoder` has the plan for; wider than an id, so that no record can name what stands for none.
    @exclusivity(unchecked) private var lastID = noID
    private static let noID = Int64.min
    /// Schema id of the record decoded last; nil if a header named its schema.
    var lastSchemaID: Int32? { Int32(exactly: lastID) }
    /// The plan of the record decoded last, and what it fills.
    private struct Decoder {
        var plan: Compiled?
        /// The plan's.
        var constants: [UInt8] = []
        var fields: [FieldValue] = []
    }
    @exclusivity(unchecked) private var decoder: Decoder

    init(plan: SourcePlan, schemas: SchemaCatalog, recordBytes: Int) {
        self.plan = plan
        self.schemas = schemas
        self.recordBytes = recordBytes
        decoder = Decoder(fields: Array(repeating: FieldValue(), count: plan.requests.count))
    }

    /// Ids may be known now that were not before. What an id means never changes.
    func use(_ schemas: SchemaCatalog) { self.schemas = schemas }

    /// Decodes a payload and hands the record over.
    ///
    /// - Parameter named: the schema, if a header names it; the payload is the body alone then.
    /// - Throws: `Refusal` if there is no record to hand over.
    @inline(__always)
    func read<Result>(
        _ payload: RawSpan, offset: Int64, named: WireSchema? = nil, _ body: (borrowing DecodedRecord) -> Result
    ) throws(Refusal) -> Result {
        if payload.byteCount == 0 { throw Refusal(reason: .emptyRecord, message: "no payload", schemaID: nil) }
        if payload.byteCount > recordBytes { throw tooLarge(payload.byteCount) }
        let avro: RawSpan
        if let named {
            try select(named)
            avro = payload
        } else {
            guard let frame = ConfluentFrame(parsing: payload) else { throw notFramed(payload) }
            if Int64(frame.schemaID) != lastID { try select(.id(frame.schemaID)) }
            avro = payload.extracting(frame.body)
        }
        // Taken out for the call, which retains nothing: the spans below then depend on nothing that another call changes.
        var held = Decoder()
        swap(&held, &decoder)
        defer { swap(&held, &decoder) }
        guard let compiled = held.plan.take() else { throw unknown(lastSchemaID) }
        defer { held.plan = compiled }
        if let error = Self.decode(avro, compiled.plan, into: &held.fields) {
            throw Refusal(reason: .undecodable, message: compiled.plan.describe(error), schemaID: lastSchemaID)
        }
        let record = DecodedRecord(
            body: avro, constants: held.constants.span.bytes, fields: held.fields.span, offset: offset)
        return body(record)
    }

    @inline(__always)
    private static func decode(_ body: RawSpan, _ plan: DecodePlan, into values: inout [FieldValue]) -> DecodeError? {
        var span = values.mutableSpan
        do {
            try plan.decode(body, into: &span)
            return nil
        } catch {
            return error
        }
    }

    /// What a rejection means, in words, with the field's name.
    func describe(_ rejection: Rejection) -> String {
        let name = rejection.field.map { "\(plan.requests[$0].path): " } ?? ""
        switch rejection.reason {
        case .missingField: return name + "null or empty, but the topology needs it"
        case .invalidText:
            return name + "holds a zero byte, bytes that are not UTF-8, or more than \(MeterBatch.longestText) bytes "
                + "(\(MeterBatch.longestDimensions) for all dimensions of a meter)"
        case .keyMismatch: return name + "differs from the record's Kafka key, which decides the partition"
        case .timeOutOfRange:
            let time = plan.source.time
            return name + "\(Timestamp(microseconds: rejection.value)) is before \(time.earliest) or more than "
                + "\(time.ahead) ahead of the clock"
        case .negativeQuantity: return name + "\(rejection.value) is negative"
        case .quantityOutOfRange: return name + "does not fit 64 bits"
        default: return name + rejection.reason.rawValue
        }
    }

    /// Values of fields of a record that was decoded before, as text.
    func words(of payload: RawSpan, named: WireSchema? = nil, _ wanted: [Int]) -> [String] {
        let words = try? read(payload, offset: 0, named: named) { record in wanted.map { record.description(of: $0) } }
        return words ?? wanted.map { _ in "" }
    }

    // MARK: Cold paths

    @inline(never)
    private func select(_ name: WireSchema) throws(Refusal) {
        var id: Int32?
        if case .id(let number) = name { id = number }
        guard let meaning = schemas.meaning(of: name) else {
            // Not remembered: ids come from records, and anybody can make up four bytes.
            throw Refusal(reason: .unknownSchema, message: "\(name) is not in \(schemas.place)", schemaID: id)
        }
        let entry = plans[name] ?? compile(meaning)
        plans[name] = entry
        switch entry {
        case .plan(let plan):
            lastID = id.map { Int64($0) } ?? Self.noID
            decoder.plan = plan
            decoder.constants = plan.plan.constants
        case .refused(let reason, let message):
            throw Refusal(reason: reason, message: message, schemaID: id)
        }
    }

    private func compile(_ meaning: SchemaCatalog.Meaning) -> Entry {
        switch meaning {
        case .unusable(let words): .refused(.incompatibleSchema, words)
        case .schema(let writer): compile(writer)
        }
    }

    private func compile(_ writer: SchemaFolder.Entry) -> Entry {
        do {
            let reader = schemas.contracts.latest(subject: plan.source.schema)?.schema
            return .plan(
                Compiled(try DecodePlan(writer: writer.schema, reader: reader, fields: plan.requests)))
        } catch {
            let reason: DeadLetterReason = error.reason == .missingField ? .missingField : .incompatibleSchema
            let version =
                writer.version > 0 ? "schema \(writer.id) (\(writer.subject)/\(writer.version))" : writer.subject
            return .refused(reason, "\(version): \(error)")
        }
    }

    @inline(never)
    private func tooLarge(_ count: Int) -> Refusal {
        Refusal(
            reason: .recordTooLarge, message: "\(count) bytes, the topology's limit is \(recordBytes)", schemaID: nil)
    }

    @inline(never)
    private func notFramed(_ payload: RawSpan) -> Refusal {
        let first = payload.unsafeLoad(fromByteOffset: 0, as: UInt8.self)
        let message =
            payload.byteCount < ConfluentFrame.headerSize
            ? "\(payload.byteCount) bytes are too few for a frame (5 bytes: 0, then the schema id)"
            : "starts with byte \(first), not with 0 and a schema id"
        return Refusal(reason: .notFramed, message: message, schemaID: nil)
    }

    private func unknown(_ id: Int32?) -> Refusal {
        Refusal(reason: .unknownSchema, message: "no schema is named", schemaID: id)
    }
}
