// Everything a batch of records did to the meters, as one pure value: what the next transaction will write.

/// Collects the effects of records between two commits. No I/O, no clock of its own.
///
/// A record goes through `apply`: validation, then the idempotency key, then the meters; a record that is rejected
/// leaves no trace, so that a mended copy with the same key still counts.
public struct MeterBatch: ~Copyable, Sendable {
    public enum Outcome: Equatable {
        case counted(late: Bool)
        case duplicate
        case conflict
        case rejected(Rejection)
    }

    /// A member that a `unique` meter met for the first time as far as this worker knows.
    public struct Member: Sendable {
        public let hash: Hash128
        /// Index into `deltas`.
        public let delta: Int32
    }

    public private(set) var deltas: ContiguousArray<UsageDelta> = []
    public private(set) var members: ContiguousArray<Member> = []
    /// True if two partitions contributed to one window: its row is then written once for each of them.
    public private(set) var hasSharedWindows = false

    private let secret: Hash128
    private var organisations = ByteInterner(seed: 1)
    /// Per organisation: the key its idempotency keys are hashed under.
    private var organisationKeys: ContiguousArray<Hash128> = []
    private var dimensions = ByteInterner(seed: 2)
    /// Index into `deltas` + 1; 0 is free. The count is a power of two.
    private var table = emptyTable
    /// Of `members`.
    private var memberHashes = KeyIndex(minimumCapacity: 64)
    private var scratch: [UInt8] = []
    /// Number of the record that is taken in, if it is traced; negative if not.
    package var trace: Int32 = -1

    /// Longest organisation, idempotency key or unique member in bytes.
    public static let longestText = 512
    /// Bytes of all dimension values of a row together: with organisation and meter they are the key of a
    /// database index, whose rows may not pass 2,704 bytes.
    public static let longestDimensions = 1024

    private static let leastCapacity = 512
    private static var emptyTable: ContiguousArray<UInt32> { ContiguousArray(repeating: 0, count: 2 * leastCapacity) }

    private let memberScope: String

    /// - Parameters:
    ///   - secret: the deployment's secret, key of all hashes.
    ///   - memberScope: what unique members are distinct within besides meter and window: the output table.
    public init(secret: Hash128, memberScope: String) {
        self.secret = secret
        self.memberScope = memberScope
    }

    public var isEmpty: Bool { deltas.isEmpty }

    /// Windows that there is memory for.
    package var capacity: Int { table.count / 2 }

    /// Forgets the contents and keeps the memory, but not that of a much larger batch than this was: a worker has several
    /// of these, and a burst goes through all of them.
    public mutating func removeAll() {
        if !members.isEmpty { memberHashes = KeyIndex(minimumCapacity: 64) }
        if capacity > 1 << 17 || capacity > Self.leastCapacity && deltas.count < capacity / 16 {
            table = Self.emptyTable
            deltas = []
        } else if !deltas.isEmpty {
            for index in table.indices { table[index] = 0 }
            deltas.removeAll(keepingCapacity: true)
        }
        members.removeAll(keepingCapacity: members.count >= members.capacity / 16)
        organisations.removeAll()
        organisationKeys.removeAll(keepingCapacity: organisationKeys.count >= organisationKeys.capacity / 16)
        dimensions.removeAll()
        hasSharedWindows = false
    }

    /// Takes in one decoded record.
    ///
    /// - Parameters:
    ///   - slot: the partition's place in the batch, kept in each delta it contributes to.
    ///   - messageKey: the Kafka key.
    ///   - now: the clock, microseconds since 1970.
    ///   - bucket: the retention bucket that `now` falls into.
    ///   - seen: the partition's keys. A new key is remembered in it and appended to `progress`.
    ///   - known: members that are stored when this batch is. Those of another that is being filled are not: it may be
    ///     committed later, or never.
    public mutating func apply(
        _ record: borrowing DecodedRecord, plan: SourcePlan, slot: Int, messageKey: RawSpan, now: Int64,
        bucket: UInt8, seen: inout KeyIndex, known: borrowing KeyIndex, progress: inout PartitionProgress
    ) -> Outcome {
        if let rejection = Self.validateIdentity(record, plan) { return .rejected(rejection) }
        let organisationText = record.text(plan.organisation)
        let (organisation, isNew) = organisations.intern(organisationText)
        if isNew { organisationKeys.append(secret.hash(organisationText)) }

        let key = organisationKeys[organisation].hash(record.identity(plan.idempotencyKey, in: &scratch))
        // Most likely a cache miss: the rest is checked and the fingerprint computed meanwhile.
        seen.prefetch(key)
        if let rejection = Self.validateValues(record, plan, messageKey, now) { return .rejected(rejection) }
        let fingerprint = record.fingerprint(leavingOut: plan.ignoring)
        let entry = SeenKey(key: key, fingerprint: fingerprint, bucket: bucket)
        switch seen.insert(entry) {
        case .repeated: return .duplicate
        case .conflict: return .conflict
        case .new: progress.newKeys.append(entry)
        }

        let eventTime = record.fields[plan.time].integer
        var late = false
        for index in plan.meters.indices {
            let meter = plan.meters[index]
            let delta = find(
                meter, organisation: organisation, record: record, slot: slot, eventTime: eventTime, now: now,
                grace: plan.source.time.grace.microseconds)
            var value: Int64 = 0
            if let field = meter.field {
                if meter.aggregate == .unique {
                    let hash = deltas[delta].memberKey.hash(record.identity(field, in: &scratch))
                    if !known.contains(hash), memberHashes.insert(SeenKey(key: hash, mark: 0)) == .new {
                        members.append(Member(hash: hash, delta: Int32(delta)))
                    }
                } else {
                    value = record.measure(field) ?? 0
                }
            }
            deltas[delta].add(value, eventTime: eventTime, offset: record.offset)
            if trace >= 0 { deltas[delta].trace = trace }
            if deltas[delta].isLate { late = true }
        }
        return .counted(late: late)
    }

    /// From now on its members are known: it is stored before whatever is told so.
    package borrowing func addMembers(to known: inout KeyIndex) {
        for member in members { _ = known.insert(SeenKey(key: member.hash, mark: 0)) }
    }

    // MARK: Validation

    /// Why the record is refused; nil if it is not. `apply` asks the same.
    package static func validate(
        _ record: borrowing DecodedRecord, _ plan: SourcePlan, _ messageKey: RawSpan, _ now: Int64
    ) -> Rejection? {
        validateIdentity(record, plan) ?? validateValues(record, plan, messageKey, now)
    }

    /// Whose event it is, and which.
    @inline(__always)
    private static func validateIdentity(_ record: borrowing DecodedRecord, _ plan: SourcePlan) -> Rejection? {
        if record.isAbsent(plan.organisation) { return Rejection(.missingField, field: plan.organisation) }
        if record.isAbsent(plan.idempotencyKey) { return Rejection(.missingField, field: plan.idempotencyKey) }
        guard record.isStorableText(plan.organisation), record.length(plan.organisation) <= Self.longestText else {
            return Rejection(.invalidText, field: plan.organisation)
        }
        guard record.length(plan.idempotencyKey) <= Self.longestText else {
            return Rejection(.invalidText, field: plan.idempotencyKey)
        }
        return nil
    }

    @inline(__always)
    private static func validateValues(
        _ record: borrowing DecodedRecord, _ plan: SourcePlan, _ messageKey: RawSpan, _ now: Int64
    ) -> Rejection? {
        guard record.fields[plan.key].kind == .bytes, record.bytes(plan.key).isEqual(to: messageKey) else {
            return Rejection(.keyMismatch, field: plan.key)
        }
        guard record.fields[plan.time].kind == .integer else { return Rejection(.missingField, field: plan.time) }
        let time = record.fields[plan.time].integer
        guard time >= plan.source.time.earliest.microseconds, time <= now &+ plan.source.time.ahead.microseconds else {
            return Rejection(.timeOutOfRange, field: plan.time, value: time)
        }
        for index in plan.meters.indices {
            if let field = plan.meters[index].field {
                if record.fields[field].kind == .null { return Rejection(.missingField, field: field) }
                if plan.meters[index].aggregate == .unique {
                    guard record.length(field) <= Self.longestText else { return Rejection(.invalidText, field: field) }
                } else {
                    guard let value = record.measure(field) else { return Rejection(.quantityOutOfRange, field: field) }
                    if value < 0 { return Rejection(.negativeQuantity, field: field, value: value) }
                }
            }
            var dimensionBytes = 0
            for number in plan.meters[index].groupBy.indices {
                let field = plan.meters[index].groupBy[number]
                dimensionBytes += record.length(field)
                guard record.isStorableText(field), dimensionBytes <= Self.longestDimensions else {
                    return Rejection(.invalidText, field: field)
                }
            }
        }
        return nil
    }

    // MARK: Windows

    /// Index of the delta for the record's window, made if need be.
    @inline(__always)
    private mutating func find(
        _ meter: SourcePlan.MeterPlan, organisation: Int, record: borrowing DecodedRecord, slot: Int,
        eventTime: Int64, now: Int64, grace: Int64
    ) -> Int {
        let dimensionsID = dimensionsID(meter, record)
        let start = meter.window.start(of: eventTime)
        let hash =
            (UInt64(bitPattern: start) ^ UInt64(organisation) << 40 ^ UInt64(meter.meter) << 24
            ^ UInt64(bitPattern: Int64(dimensionsID))).foldedProduct(0x9e37_79b9_7f4a_7c15)
        var index = Int(truncatingIfNeeded: hash) & (table.count &- 1)
        while table[index] != 0 {
            let position = Int(table[index]) &- 1
            if deltas[position].windowStart == start && Int(deltas[position].organisation) == organisation
                && Int(deltas[position].meter) == meter.meter && Int(deltas[position].dimensions) == dimensionsID
            {
                if Int(deltas[position].partition) == slot { return position }
                hasSharedWindows = true
            }
            index = (index &+ 1) & (table.count &- 1)
        }
        return add(
            meter, organisation: organisation, dimensionsID: dimensionsID, slot: slot, start: start,
            eventTime: eventTime, offset: record.offset, isLate: meter.window.end(from: start) &+ grace < now,
            at: index)
    }

    /// Number of the values that the record is grouped by; -1 if it is not.
    @inline(__always)
    private mutating func dimensionsID(_ meter: SourcePlan.MeterPlan, _ record: borrowing DecodedRecord) -> Int {
        switch meter.groupBy.count {
        case 0: return -1
        case 1 where record.fields[meter.groupBy[0]].kind == .bytes:
            return dimensions.intern(record.bytes(meter.groupBy[0])).id
        default: return mixedDimensionsID(meter, record)
        }
    }

    private mutating func mixedDimensionsID(_ meter: SourcePlan.MeterPlan, _ record: borrowing DecodedRecord) -> Int {
        // Taken out for the call, or the compiler sees two accesses to self.
        var values: [UInt8] = []
        swap(&values, &scratch)
        defer { swap(&values, &scratch) }
        values.removeAll(keepingCapacity: true)
        DimensionTexts.append(record, meter.groupBy, to: &values)
        return dimensions.intern(values.span.bytes).id
    }

    @inline(never)
    private mutating func add(
        _ meter: SourcePlan.MeterPlan, organisation: Int, dimensionsID: Int, slot: Int, start: Int64,
        eventTime: Int64, offset: Int64, isLate: Bool, at index: Int
    ) -> Int {
        var memberKey = Hash128(low: 0, high: 0)
        if meter.aggregate == .unique {
            memberKey = organisationKeys[organisation].hash(memberScope).hash(meter.name).hash("\(start)")
            if dimensionsID >= 0 {
                let texts = DimensionTexts(dimensions.bytes(of: dimensionsID), count: meter.groupBy.count)
                memberKey = memberKey.hash(texts.forMembers().span.bytes)
            }
        }
        deltas.append(
            UsageDelta(
                meter: meter.meter, organisation: organisation, dimensions: dimensionsID, partition: slot,
                aggregate: meter.aggregate, isLate: isLate,
                window: .init(start: start, end: meter.window.end(from: start)), memberKey: memberKey,
                eventTime: eventTime, offset: offset))
        table[index] = UInt32(deltas.count)
        if deltas.count * 2 > table.count { grow() }
        return deltas.count - 1
    }

    private mutating func grow() {
        let old = table
        table = ContiguousArray(repeating: 0, count: old.count * 2)
        for entry in old where entry != 0 {
            let delta = deltas[Int(entry) - 1]
            let hash =
                (UInt64(bitPattern: delta.windowStart) ^ UInt64(delta.organisation) << 40
                ^ UInt64(delta.meter) << 24 ^ UInt64(bitPattern: Int64(delta.dimensions)))
                .foldedProduct(0x9e37_79b9_7f4a_7c15)
            var index = Int(truncatingIfNeeded: hash) & (table.count - 1)
            while table[index] != 0 { index = (index + 1) & (table.count - 1) }
            table[index] = entry
        }
    }

    // MARK: Reading it out

    /// UTF-8 of an organisation that a delta names.
    public func organisation(_ id: Int32) -> ArraySlice<UInt8> { organisations.bytes(of: Int(id)) }

    /// A delta's dimensions as names and values, in the order of the meter's `group_by`.
    public func dimensions(of delta: UsageDelta, names: [FieldPath]) -> [(name: String, value: String)] {
        guard delta.dimensions >= 0 else { return [] }
        var values = DimensionTexts(dimensions.bytes(of: Int(delta.dimensions)), count: names.count)
        return names.map { ($0.description, String(decoding: values.next(), as: UTF8.self)) }
    }

    /// Appends the same as JSON, as `JSONText.compact` writes it.
    ///
    /// - Parameter names: the meter's `group_by`, as JSON.
    package func appendDimensions(of delta: UsageDelta, names: [[UInt8]], to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        if delta.dimensions >= 0 {
            var values = DimensionTexts(dimensions.bytes(of: Int(delta.dimensions)), count: names.count)
            for (number, name) in names.enumerated() {
                if number > 0 { bytes.append(UInt8(ascii: ",")) }
                bytes.append(contentsOf: name)
                bytes.append(UInt8(ascii: ":"))
                JSONText.appendQuoted(values.next(), to: &bytes)
            }
        }
        bytes.append(UInt8(ascii: "}"))
    }
}
