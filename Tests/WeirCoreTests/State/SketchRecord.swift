// Records made up by tests: a body, and the fields that a decoder would have found in it.

import WeirCore

/// Values by field path. A body is the fields that are not constants, end to end, in the order of `fields`.
struct SketchRecord {
    enum Value: Equatable {
        case null
        case integer(Int64)
        case bytes([UInt8])
        /// Not in the body: a default, or an enum's symbol.
        case constant([UInt8])

        static func text(_ text: String) -> Value { .bytes(Array(text.utf8)) }
        static func symbol(_ text: String) -> Value { .constant(Array(text.utf8)) }
    }

    var fields: [(path: String, value: Value)]

    subscript(path: String) -> Value? {
        get { fields.first { $0.path == path }?.value }
        set {
            guard let index = fields.firstIndex(where: { $0.path == path }) else {
                if let newValue { fields.append((path, newValue)) }
                return
            }
            if let newValue { fields[index].value = newValue } else { fields.remove(at: index) }
        }
    }

    var body: [UInt8] { fields.flatMap { Self.encode($0.value) } }

    private static func encode(_ value: Value) -> [UInt8] {
        switch value {
        case .null: return [0]
        case .integer(let number): return [1] + (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        case .bytes(let bytes): return [2, UInt8(bytes.count & 0xff), UInt8(bytes.count >> 8)] + bytes
        // The index of an enum's symbol, say.
        case .constant(let bytes): return [UInt8(bytes.count)]
        }
    }

    /// The body, the constants, and a field for each request.
    func decoded(_ requests: [FieldRequest]) -> (body: [UInt8], constants: [UInt8], fields: [FieldValue]) {
        // Something before the first constant, so that an offset of one source used on the other is noticed.
        var constants: [UInt8] = Array("constants".utf8)
        let body = body
        let values = requests.map { request -> FieldValue in
            let path = request.path.description
            var start = 0
            for (name, value) in fields {
                let size = Self.encode(value).count
                if name == path {
                    if request.use == .extent {
                        return FieldValue(kind: .bytes, offset: UInt32(start), length: UInt32(size))
                    }
                    switch value {
                    case .null: return FieldValue(kind: .null)
                    case .integer(let number): return FieldValue(kind: .integer, integer: number)
                    case .bytes(let bytes):
                        return FieldValue(kind: .bytes, offset: UInt32(start + 3), length: UInt32(bytes.count))
                    case .constant(let bytes):
                        let offset = UInt32(constants.count)
                        constants += bytes
                        return FieldValue(kind: .bytes, isConstant: true, offset: offset, length: UInt32(bytes.count))
                    }
                }
                start += size
            }
            // The writer does not have the field, and the reader's default applies.
            guard request.use == .extent else { return FieldValue(kind: .null) }
            let offset = UInt32(constants.count)
            constants += Array("default".utf8)
            return FieldValue(kind: .bytes, isConstant: true, offset: offset, length: 7)
        }
        return (body, constants, values)
    }
}

/// A batch with all that outlives it: what a worker holds, without the worker.
struct BatchHarness: ~Copyable {
    let topology: Topology
    let plans: [SourcePlan]
    var batch: MeterBatch
    var known = KeyIndex()
    var seen: [Int: SeenBox] = [:]
    var progress: [PartitionProgress] = []
    private var offsets: [Int: Int64] = [:]

    /// A class, because a dictionary holds copies only.
    final class SeenBox {
        var index = KeyIndex(minimumCapacity: 1)
    }

    static let secret = Hash128(low: 0x1234, high: 0x5678)

    init(_ topology: Topology) {
        self.topology = topology
        plans = topology.sources.map { SourcePlan(source: $0, topology: topology) }
        batch = MeterBatch(secret: Self.secret, memberScope: topology.outputs.table)
        beginBatch()
    }

    mutating func beginBatch(slots: Int = 2) {
        batch.addMembers(to: &known)
        batch.removeAll()
        progress = (0..<slots).map { PartitionProgress(partition: $0, fromOffset: 0, nextOffset: 0) }
    }

    /// - Parameter key: the Kafka key; the record's own `org` if nil.
    mutating func apply(
        _ record: SketchRecord, source: Int = 0, slot: Int = 0, key: [UInt8]? = nil, now: Int64, offset: Int64 = 0
    ) -> MeterBatch.Outcome {
        let plan = plans[source]
        let parts = record.decoded(plan.requests)
        var messageKey = key ?? []
        if key == nil, case .bytes(let bytes)? = record["org"] { messageKey = bytes }
        let box = seen[slot] ?? SeenBox()
        seen[slot] = box
        let decoded = DecodedRecord(
            body: parts.body.span.bytes, constants: parts.constants.span.bytes, fields: parts.fields.span,
            offset: offset)
        return batch.apply(
            decoded, plan: plan, slot: slot, messageKey: messageKey.span.bytes, now: now, bucket: 0,
            seen: &box.index, known: known, progress: &progress[slot])
    }

    func text(of delta: UsageDelta) -> (organisation: String, dimensions: [String]) {
        (
            String(decoding: batch.organisation(delta.organisation), as: UTF8.self),
            batch.dimensions(of: delta, names: topology.meters[Int(delta.meter)].groupBy).map(\.value)
        )
    }
}

extension Topology {
    /// One source `events` with fields org, id, at and more, and the meters given.
    static func sketch(
        _ meters: [Meter], earliest: Int64 = -4_000_000_000_000_000, ignoring: [String] = [],
        table: String = "billing.usage"
    ) -> Topology {
        let source = Source(
            topic: "events", schema: "events", key: FieldPath("org"), organisation: FieldPath("org"),
            idempotency: Idempotency(
                field: FieldPath("id"), retention: TimeSpan(microseconds: 3_600_000_000),
                ignoring: ignoring.map { FieldPath($0) }),
            time: EventTime(
                field: FieldPath("at"), earliest: Timestamp(microseconds: earliest),
                ahead: TimeSpan(microseconds: 86_400_000_000), grace: TimeSpan(microseconds: 600_000_000)))
        return Topology(
            name: "sketch", version: 1, group: "g", sources: [source], meters: meters,
            outputs: Outputs(table: table, topic: nil, schema: ""), limits: Limits())
    }
}

extension Meter {
    static func sketch(
        _ name: String, _ aggregate: Aggregate, _ field: String? = nil, by groups: [String] = [], per window: String
    ) -> Meter {
        Meter(
            name: name, source: "events", aggregate: aggregate, field: field.map { FieldPath($0) },
            groupBy: groups.map { FieldPath($0) }, window: WindowSize(parsing: window) ?? .month)
    }
}
