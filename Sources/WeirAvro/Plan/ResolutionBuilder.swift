// Works out the steps of a resolution, one pair of types after another.

/// Types that wait for their step are in a list, not on the stack: schemas may be as deep as their authors like.
struct ResolutionBuilder {
    private struct Pair: Hashable {
        let writer: Int
        let reader: Int
    }

    private let writer: AvroSchema
    private let reader: AvroSchema
    private var types: TypeMatcher
    private var pairs: [Pair] = []
    private var indices: [Pair: Int] = [:]

    init(writer: AvroSchema, reader: AvroSchema) {
        self.writer = writer
        self.reader = reader
        types = TypeMatcher(writer: writer, reader: reader)
    }

    mutating func build() -> [Resolution.Step] {
        _ = index(writer.root, reader.root)
        var steps: [Resolution.Step] = []
        while steps.count < pairs.count { steps.append(step(pairs[steps.count])) }
        return steps
    }

    /// The index that the pair's step has, or will have.
    private mutating func index(_ node: Int, _ target: Int) -> Int {
        let pair = Pair(writer: node, reader: target)
        if let known = indices[pair] { return known }
        pairs.append(pair)
        indices[pair] = pairs.count - 1
        return pairs.count - 1
    }

    private mutating func step(_ pair: Pair) -> Resolution.Step {
        func step(_ rule: Resolution.Rule, _ match: TypeMatcher.Match? = nil) -> Resolution.Step {
            Resolution.Step(
                writer: pair.writer, reader: match?.node ?? pair.reader, branch: match?.branch, rule: rule)
        }
        guard pairs.count < Resolution.maximumSteps else {
            return step(.refused("the two schemas together have more than \(Resolution.maximumSteps) pairs of types"))
        }
        if case .union(let branches) = writer[pair.writer].kind {
            return step(.union(branches.map { index($0, pair.reader) }))
        }
        guard let match = types.match(pair.writer, pair.reader) else {
            return step(.refused(types.refusal(pair.writer, pair.reader)))
        }
        switch (writer[pair.writer].kind, reader[match.node].kind) {
        case (.array(let items), .array(let wanted)): return step(.array(index(items, wanted)), match)
        case (.map(let values), .map(let wanted)): return step(.map(index(values, wanted)), match)
        case (.record(let fields), .record(let wanted)): return step(.record(record(fields, wanted)), match)
        case (.enumeration(let symbols, _), .enumeration(let known, let fallback)):
            let places = Dictionary(uniqueKeysWithValues: known.enumerated().map { ($1, $0) })
            return step(.enumeration(symbols.map { places[$0] ?? fallback }), match)
        default: return step(.leaf, match)
        }
    }

    private mutating func record(
        _ fields: [AvroSchema.Field], _ wanted: [AvroSchema.Field]
    ) -> Resolution.RecordRule {
        var rule = Resolution.RecordRule()
        var sources = ResolutionBuilder.sources(of: wanted, among: fields)
        rule.fields = Array(repeating: nil, count: fields.count)
        for (target, field) in wanted.enumerated() {
            if let source = sources.removeValue(forKey: target) {
                rule.fields[source] = (index(fields[source].type, field.type), target)
            } else if field.fallback != nil {
                rule.defaults.append(target)
            } else {
                rule.missing.append(target)
            }
        }
        return rule
    }

    /// The writer's field for each of the reader's: the one of its name, else the first of its aliases that the
    /// writer has and that is for no other field.
    private static func sources(
        of wanted: [AvroSchema.Field], among fields: [AvroSchema.Field]
    ) -> [Int: Int] {
        let places = Dictionary(uniqueKeysWithValues: fields.enumerated().map { ($1.name, $0) })
        var sources: [Int: Int] = [:]
        var taken: Set<Int> = []
        for (target, field) in wanted.enumerated() {
            guard let source = places[field.name] else { continue }
            sources[target] = source
            taken.insert(source)
        }
        for (target, field) in wanted.enumerated() where sources[target] == nil {
            guard let source = field.aliases.lazy.compactMap({ places[$0] }).first(where: { !taken.contains($0) })
            else { continue }
            sources[target] = source
            taken.insert(source)
        }
        return sources
    }
}
