// From a schema and the roles of its fields to the steps that write its records.

import WeirAvro
import WeirCore

/// Compiles one source's schema. What a topology needs and the generator cannot write is refused in words.
struct RecordCompiler {
    let schema: AvroSchema
    let source: Source
    let options: GeneratorOptions

    /// Types inside one another before optional ones are left out, so that recursive types end.
    private static let depth = 12
    /// Roles of fields that can be null or empty text, for poison.
    private(set) var canLack: [FieldRole] = []
    private(set) var hasMeasure = false

    init(schema: AvroSchema, source: Source, options: GeneratorOptions) {
        self.schema = schema
        self.source = source
        self.options = options
    }

    mutating func compile(_ root: FieldNode) throws(WeirError) -> [WriteStep] {
        try steps(schema.root, root, path: [], depth: 0)
    }

    // MARK: Walking

    private mutating func steps(
        _ index: Int, _ field: FieldNode, path: [String], depth: Int, isNullable: Bool = false
    ) throws(WeirError) -> [WriteStep] {
        guard depth < 4 * RecordCompiler.depth else {
            throw failure(path, "the type contains itself without end")
        }
        let node = schema[index]
        switch node.kind {
        case .record(let fields):
            var result: [WriteStep] = []
            for child in fields {
                let inner = try steps(
                    child.type, field.children[child.name] ?? FieldNode(), path: path + [child.name], depth: depth + 1)
                let isIgnored = path.isEmpty && source.idempotency.ignoring.contains(FieldPath(child.name))
                result += isIgnored ? [.ignored(inner)] : inner
            }
            return result
        case .union(let branches): return [try union(branches, field, path, depth)]
        case .array(let items):
            guard depth < RecordCompiler.depth else { return [.constant([0])] }
            return [.array(try steps(items, FieldNode(), path: path, depth: depth + 1))]
        case .map(let values): return [try map(values, field, path, depth)]
        default:
            if let role = field.role { return [try leaf(node, role, field, path, isNullable: isNullable)] }
            guard let value = ArbitraryValue(node, name: path.last ?? "value", size: options.textBytes) else {
                throw failure(path, "a \(node.kind.word) cannot be generated")
            }
            return [.arbitrary(value)]
        }
    }

    private mutating func union(
        _ branches: [Int], _ field: FieldNode, _ path: [String], _ depth: Int
    ) throws(WeirError) -> WriteStep {
        let nulls = branches.indices.filter { isNull(branches[$0]) }
        if branches.count == 2, let null = nulls.first {
            if depth >= RecordCompiler.depth, !field.isRequired { return .constant([UInt8(null * 2)]) }
            let other = 1 - null
            let body = try steps(branches[other], field, path: path, depth: depth + 1, isNullable: true)
            return .nullable(
                nullBranch: null, role: field.role, isRequired: field.isRequired,
                [.constant([UInt8(other * 2)])] + body)
        }
        if depth >= RecordCompiler.depth, let null = nulls.first { return .constant([UInt8(null * 2)]) }
        var choices: [[WriteStep]] = []
        for (number, branch) in branches.enumerated() {
            var writer = AvroWriter()
            writer.writeUnionIndex(number)
            choices.append([.constant(writer.bytes)] + (try steps(branch, field, path: path, depth: depth + 1)))
        }
        return .union(choices)
    }

    private mutating func map(
        _ values: Int, _ field: FieldNode, _ path: [String], _ depth: Int
    ) throws(WeirError) -> WriteStep {
        guard depth < RecordCompiler.depth || field.isRequired else { return .constant([0]) }
        func encoded(_ name: String) -> [UInt8] {
            var writer = AvroWriter()
            writer.writeString(name)
            return writer.bytes
        }
        var named: [WriteStep.MapEntry] = []
        for (name, child) in field.children.sorted(by: { $0.key < $1.key }) {
            named.append(
                WriteStep.MapEntry(
                    name: encoded(name), isRequired: child.isRequired,
                    steps: try steps(values, child, path: path + [name], depth: depth + 1)))
        }
        let others = ["team", "stage", "device"].filter { field.children[$0] == nil }.map(encoded)
        return .map(
            named: named, others: others,
            values: try steps(values, FieldNode(), path: path + ["label"], depth: depth + 1))
    }

    private func isNull(_ index: Int) -> Bool {
        if case .null = schema[index].kind { true } else { false }
    }

    // MARK: Leaves

    private mutating func leaf(
        _ node: AvroSchema.Node, _ role: FieldRole, _ field: FieldNode, _ path: [String], isNullable: Bool
    ) throws(WeirError) -> WriteStep {
        if role == .ignored {
            if case .string = node.kind, path.count == 1, !isNullable { return .attemptID }
            guard let value = ArbitraryValue(node, name: path.last ?? "value", size: options.textBytes) else {
                throw failure(path, "a \(node.kind.word) cannot be generated")
            }
            return .arbitrary(value)
        }
        guard let type = LeafType(node) else {
            throw failure(path, "a \(node.kind.word) cannot serve as \(words(role))")
        }
        let isText = type == .text || type == .uuid
        if isNullable || isText { canLack.append(role) }
        let step = try step(type, role, path)
        guard field.slot != nil || field.isKey else { return step }
        if field.isKey, !isText {
            if case .fixed = type {
            } else if case .symbols = type {
            } else {
                throw failure(path, "the Kafka key must be text, bytes, fixed or enum")
            }
        }
        return .keep(slot: field.slot, isKey: field.isKey, step)
    }

    private mutating func step(_ type: LeafType, _ role: FieldRole, _ path: [String]) throws(WeirError) -> WriteStep {
        let seed = path.joined(separator: ".").utf8.reduce(options.seed) { SeededRandom.mix($0 &+ UInt64($1)) }
        func pool(_ count: Int, _ name: (Int) -> String) throws(WeirError) -> ValuePool {
            guard let pool = ValuePool(type, count: count, seed: seed, name: name) else {
                throw failure(path, "its type has no values to serve as \(words(role))")
            }
            return pool
        }
        switch (role, type) {
        case (.organisation, .text), (.organisation, .uuid), (.organisation, .fixed):
            let width = max(6, String(options.organisations).count)
            let pool = try pool(options.organisations) { "org-" + RecordCompiler.pad($0 + 1, width) }
            guard pool.values.count == options.organisations else {
                throw failure(path, "its type has room for \(pool.values.count) organisations only")
            }
            if case .fixed = type { return .organisation(pool, isFixed: true) }
            return .organisation(pool, isFixed: false)
        case (.idempotencyKey, .text), (.idempotencyKey, .uuid), (.idempotencyKey, .number):
            return .idempotencyKey(type)
        case (.idempotencyKey, .fixed(let size)) where size >= 16: return .idempotencyKey(type)
        case (.time, .millis): return .time(inMillis: true)
        case (.time, .micros): return .time(inMillis: false)
        case (.traced(let column, let isMeasured), .number):
            hasMeasure = hasMeasure || isMeasured
            return .traced(column)
        case (.measure(let isLarge), .number), (.measure(let isLarge), .decimal):
            hasMeasure = true
            return .measure(type, isLarge: isLarge)
        case (.member, _): return .member(try pool(200) { "user-" + RecordCompiler.pad($0 + 1, 6) })
        case (.key, _): return .pooled(try pool(50) { "key-" + RecordCompiler.pad($0 + 1, 3) })
        case (.dimension, _): return .pooled(try pool(4) { ["eu-central", "us-east", "us-west", "ap-south"][$0] })
        default: throw failure(path, "its type cannot serve as \(words(role))")
        }
    }

    private static func pad(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    // MARK: Words

    private func words(_ role: FieldRole) -> String {
        switch role {
        case .organisation: "organisation"
        case .idempotencyKey: "idempotency key"
        case .time: "event time"
        case .traced: "target of a trace's column (an int or long)"
        case .measure: "measure"
        case .member: "unique value"
        case .key: "key"
        case .dimension: "group"
        case .ignored: "ignored field"
        }
    }

    private func failure(_ path: [String], _ words: String) -> WeirError {
        WeirError(
            .badData, "\(schema.source): \(path.joined(separator: ".")): \(words)",
            advice: "`weir generate` writes records of \(source.topic) from this schema.")
    }
}
