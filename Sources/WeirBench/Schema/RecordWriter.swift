// Runs the steps that write a record.

import WeirAvro

/// Writes records of one source, and keeps what is needed of each in its draft.
struct RecordWriter {
    var writer = AvroWriter(reserving: 512)
    var draft = RecordDraft()
    private let steps: [WriteStep]
    private let slots: Int

    init(steps: [WriteStep], slots: Int) {
        self.steps = steps
        self.slots = slots
    }

    /// Appends the record that the draft describes to `writer`.
    mutating func write(_ random: inout SeededRandom) {
        // New arrays: the last record's are kept by whoever took them.
        draft.values = Array(repeating: .null, count: slots)
        draft.attempts = []
        draft.ignored = []
        draft.key = []
        for step in steps { _ = run(step, &random) }
    }

    /// How many users an organisation has: the largest 200, the small ones a handful.
    private var members: Int { 5 + 195 / (1 + draft.organisation / 20) }

    /// What a step wrote, for a step around it that keeps it.
    private struct Written {
        var value = EventValue.null
        var bytes: [UInt8] = []
    }

    private mutating func run(_ step: WriteStep, _ random: inout SeededRandom) -> Written {
        switch step {
        case .constant(let bytes): writer.writeFixed(bytes)
        case .organisation(let pool, let isFixed): return organisation(pool.values[draft.organisation], isFixed)
        case .idempotencyKey(let type): return idempotencyKey(type)
        case .time(let inMillis): return time(inMillis: inMillis)
        case .measure(let type, let isLarge): return measure(type, isLarge, &random)
        case .traced(let column):
            let number = draft.flaw == .negative ? -max(1, draft.traced[column]) : draft.traced[column]
            writer.writeLong(number)
            return Written(value: .number(Int128(number)))
        case .member(let pool): return pooled(pool, count: min(pool.values.count, members), isKey: false, &random)
        case .pooled(let pool): return pooled(pool, count: pool.values.count, isKey: false, &random)
        case .keep(let slot, let isKey, let inner):
            let written = kept(inner, isKey, &random)
            if let slot { draft.values[slot] = written.value }
            if isKey { draft.key = written.bytes }
            return written
        case .attemptID:
            let text = UUIDText.make(&random)
            writer.writeString(text)
            draft.attempts.append(writer.count - UUIDText.length..<writer.count)
        case .ignored(let inner):
            let start = writer.count
            for step in inner { _ = run(step, &random) }
            draft.ignored.append(start..<writer.count)
        case .arbitrary(let value): arbitrary(value, &random)
        case .nullable(let nullBranch, let role, let isRequired, let inner):
            if lacks(role) || !isRequired && random.below(8) == 0 {
                writer.writeUnionIndex(nullBranch)
            } else {
                for step in inner { _ = run(step, &random) }
            }
        case .union(let choices):
            for step in choices[random.below(choices.count)] { _ = run(step, &random) }
        case .array(let items):
            let count = random.below(4)
            if count > 0 { writer.writeBlockCount(count) }
            for _ in 0..<count { for step in items { _ = run(step, &random) } }
            writer.writeBlockEnd()
        case .map(let named, let others, let values): map(named, others, values, &random)
        }
        return Written()
    }

    private func lacks(_ role: FieldRole?) -> Bool {
        switch draft.flaw {
        case .organisation: role == .organisation
        case .idempotency: role == .idempotencyKey
        default: false
        }
    }

    // MARK: Roles

    private mutating func organisation(_ pooled: PooledValue, _ isFixed: Bool) -> Written {
        draft.organisationName = pooled.value.words
        switch draft.flaw {
        case .organisation where !isFixed:
            writer.writeString("")
            return Written(value: .text(""))
        case .zero:
            var bytes = pooled.bytes
            bytes[bytes.count / 2] = 0
            if isFixed { writer.writeFixed(bytes) } else { writer.writeBytes(bytes) }
            return Written(value: pooled.value, bytes: bytes)
        default:
            writer.writeFixed(pooled.encoded)
            return Written(value: pooled.value, bytes: pooled.bytes)
        }
    }

    private mutating func idempotencyKey(_ type: LeafType) -> Written {
        switch type {
        case .number:
            writer.writeLong(draft.number)
            return Written(value: .number(Int128(draft.number)))
        case .fixed(let size):
            let digits = UUIDText.make(draft.identity.high, draft.identity.low).utf8.filter { $0 != 45 }
            let bytes = Array(repeating: UInt8(48), count: max(0, size - digits.count)) + digits.prefix(size)
            writer.writeFixed(bytes)
            return Written(value: .text(String(decoding: bytes, as: UTF8.self)), bytes: bytes)
        default:
            let text = draft.flaw == .idempotency ? "" : UUIDText.make(draft.identity.high, draft.identity.low)
            writer.writeString(text)
            return Written(value: .text(text))
        }
    }

    private mutating func time(inMillis: Bool) -> Written {
        var time = draft.time
        if draft.flaw == .ancient { time = -62_135_596_800_000_000 }
        if draft.flaw == .future { time = 32_503_680_000_000_000 }
        if inMillis {
            // Rounded down, before 1970 as well.
            let millis = time / 1000 - (time % 1000 < 0 ? 1 : 0)
            writer.writeLong(millis)
            draft.eventTime = millis * 1000
        } else {
            writer.writeLong(time)
            draft.eventTime = time
        }
        return Written(value: .number(Int128(draft.eventTime)))
    }

    private mutating func measure(_ type: LeafType, _ isLarge: Bool, _ random: inout SeededRandom) -> Written {
        let (limit, scale, size) =
            switch type {
            case .decimal(let limit, let scale, let size): (limit, scale, size)
            case .number(let limit): (limit, 0, nil)
            default: preconditionFailure("a measure is a number")
            }
        let unit = (0..<scale).reduce(Int64(1)) { power, _ in power * 10 }
        var number: Int64
        if isLarge {
            // An organisation's storage keeps its order of magnitude, between 1 MB and 1 TB.
            let magnitude = Int(SeededRandom.mix(UInt64(draft.organisation) &+ 7) % 6)
            let base = (0..<magnitude).reduce(Int64(1_000_000)) { power, _ in power * 10 }
            number = base + random.below(9 * base)
        } else {
            number = random.below(Int64(1) << Int64(1 + random.below(12)))
        }
        number = min(number * unit + (unit > 1 ? random.below(unit) : 0), limit)
        if draft.flaw == .negative { number = -max(1, number) }
        if case .decimal = type {
            if let size {
                writer.writeDecimal(Int128(number), size: size)
            } else {
                writer.writeDecimal(Int128(number))
            }
        } else {
            writer.writeLong(number)
        }
        return Written(value: .number(Int128(number)))
    }

    // MARK: Pools

    private mutating func kept(_ step: WriteStep, _ isKey: Bool, _ random: inout SeededRandom) -> Written {
        switch step {
        case .member(let pool) where isKey:
            return pooled(pool, count: min(pool.values.count, members), isKey: true, &random)
        case .pooled(let pool) where isKey: return pooled(pool, count: pool.values.count, isKey: true, &random)
        default:
            var written = run(step, &random)
            if isKey, written.bytes.isEmpty, case .text(let text) = written.value { written.bytes = Array(text.utf8) }
            return written
        }
    }

    private mutating func pooled(
        _ pool: ValuePool, count: Int, isKey: Bool, _ random: inout SeededRandom
    ) -> Written {
        var pick = random.below(count)
        if isKey {
            pick = draft.keyPick ?? pick
            draft.keyPicked = pick
        }
        let value = pool.values[pick]
        writer.writeFixed(value.encoded)
        return Written(value: value.value, bytes: value.bytes)
    }

    // MARK: The rest

    private mutating func map(
        _ named: [WriteStep.MapEntry], _ others: [[UInt8]], _ values: [WriteStep], _ random: inout SeededRandom
    ) {
        var present: [Int] = []
        for index in named.indices where named[index].isRequired || random.below(5) > 0 { present.append(index) }
        let first = random.below(max(1, others.count))
        let count = min(random.below(3), others.count)
        if present.count + count > 0 { writer.writeBlockCount(present.count + count) }
        for index in present {
            writer.writeFixed(named[index].name)
            for step in named[index].steps { _ = run(step, &random) }
        }
        for offset in 0..<count {
            writer.writeFixed(others[(first + offset) % others.count])
            for step in values { _ = run(step, &random) }
        }
        writer.writeBlockEnd()
    }

    private mutating func arbitrary(_ value: ArbitraryValue, _ random: inout SeededRandom) {
        switch value {
        case .pool(let values): writer.writeFixed(values[random.below(values.count)])
        case .uuid: writer.writeString(UUIDText.make(&random))
        case .boolean: writer.writeBoolean(random.below(2) == 1)
        case .number(let limit): writer.writeLong(random.below(limit))
        case .millis: writer.writeLong(draft.time / 1000 - random.below(Int64(1000)))
        case .micros: writer.writeLong(draft.time - random.below(Int64(1_000_000)))
        case .date: writer.writeLong(draft.time / 86_400_000_000)
        case .float: writer.writeFloat(Float(random.unit() * 1000))
        case .double: writer.writeDouble(random.unit() * 1000)
        case .bytes(let size):
            writer.writeBytes((0..<(size ?? random.below(17))).map { _ in UInt8(random.below(256)) })
        case .fixed(let size): writer.writeFixed((0..<size).map { _ in UInt8(random.below(256)) })
        case .decimal(let limit, let size):
            let number = random.below(2 * limit) - limit
            if let size {
                writer.writeDecimal(Int128(number), size: size)
            } else {
                writer.writeDecimal(Int128(number))
            }
        }
    }
}
