// Schema resolution: how values of a writer's schema become values of a reader's.

/// The rules of Avro 1.11 ("Schema Resolution") applied to every pair of types that can meet, worked out once.
///
/// Whoever reads follows `steps` from the first. Building never fails: what cannot be read is a step that says so,
/// because a plan does not care about fields that nobody asked for, nor anybody about branches that never come.
struct Resolution: Sendable {
    /// How a value of one writer's type is read for one reader's type.
    struct Step: Sendable {
        let writer: Int
        /// The reader's type that takes the value. A union only where the rule is `union` or `refused`.
        let reader: Int
        /// The branch of the reader's union that `reader` is; nil where the reader has no union.
        let branch: Int?
        let rule: Rule
    }

    enum Rule: Sendable {
        /// A value without parts, promoted where the two types differ.
        case leaf
        /// The reader's symbol for each of the writer's, nil where it has none.
        case enumeration([Int?])
        case record(RecordRule)
        /// The step of the items, of the values, or of each of the writer's branches.
        case array(Int)
        case map(Int)
        case union([Int])
        /// Why the reader cannot take such a value.
        case refused(String)
    }

    struct RecordRule: Sendable {
        /// For each of the writer's fields the step that reads it and the reader's field it is for; nil is skipped.
        var fields: [(step: Int, target: Int)?] = []
        /// The reader's fields that take their default.
        var defaults: [Int] = []
        /// The reader's fields that the writer lacks and that have no default.
        var missing: [Int] = []
    }

    /// Pairs of types at the most, so that two hostile schemas cannot multiply.
    static let maximumSteps = 4 * AvroSchema.maximumNodes

    let writer: AvroSchema
    let reader: AvroSchema
    let steps: [Step]
    /// For each step, whether some value can be read with it.
    private let isReadable: [Bool]

    init(writer: AvroSchema, reader: AvroSchema) {
        var builder = ResolutionBuilder(writer: writer, reader: reader)
        steps = builder.build()
        self.writer = writer
        self.reader = reader
        isReadable = Resolution.readable(steps)
    }

    subscript(step: Int) -> Step { steps[step] }

    // MARK: What can be read

    /// Spreads what is refused to the steps that cannot do without it. A union needs one of its branches; a type
    /// inside itself needs nothing but what else is in it.
    private static func readable(_ steps: [Step]) -> [Bool] {
        var users: [[Int]] = Array(repeating: [], count: steps.count)
        /// Parts that may fail before the step does.
        var spare = Array(repeating: 0, count: steps.count)
        var failed: [Int] = []
        for (index, step) in steps.enumerated() {
            switch step.rule {
            case .leaf, .enumeration: break
            case .record(let rule):
                for case let field? in rule.fields { users[field.step].append(index) }
                if !rule.missing.isEmpty { failed.append(index) }
            case .array(let part), .map(let part): users[part].append(index)
            case .union(let branches):
                for branch in branches { users[branch].append(index) }
                spare[index] = branches.count - 1
            case .refused: failed.append(index)
            }
        }
        var readable = Array(repeating: true, count: steps.count)
        while let step = failed.popLast() {
            guard readable[step] else { continue }
            readable[step] = false
            for user in users[step] {
                if spare[user] == 0 { failed.append(user) } else { spare[user] -= 1 }
            }
        }
        return readable
    }

    /// Why no value at all can be read, nil if some can: the nearest cause, and where it is.
    var problem: PlanError? {
        guard !isReadable[0] else { return nil }
        var queue: [(step: Int, path: String)] = [(0, "")]
        var seen: Set<Int> = [0]
        var next = 0
        while next < queue.count {
            let (index, path) = queue[next]
            next += 1
            func visit(_ step: Int, _ name: String? = nil) {
                guard !isReadable[step], seen.insert(step).inserted else { return }
                queue.append((step, name.map { path.isEmpty ? $0 : "\(path).\($0)" } ?? path))
            }
            switch steps[index].rule {
            case .refused(let words): return PlanError(reason: .incompatible, path: path, message: words)
            case .record(let rule):
                guard case .record(let written) = writer[steps[index].writer].kind,
                    case .record(let wanted) = reader[steps[index].reader].kind
                else { continue }
                if let missing = rule.missing.first {
                    let name = wanted[missing].name
                    return PlanError(
                        reason: .missingField, path: path.isEmpty ? name : "\(path).\(name)", message: lacksField)
                }
                for (field, rule) in zip(written, rule.fields) { if let rule { visit(rule.step, field.name) } }
            case .array(let part), .map(let part): visit(part)
            case .union(let branches): for branch in branches { visit(branch) }
            case .leaf, .enumeration: continue
            }
        }
        return nil
    }

    /// What is said of a field that the writer lacks and the reader has no default for.
    var lacksField: String { "\(writer.source) does not have it, and \(reader.source) has no default" }
}
