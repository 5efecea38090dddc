// Whether one schema reads what another wrote, and if not, every reason.

extension AvroSchema {
    /// Reasons why records of `writer` cannot be read with `reader`; none if all of them can.
    ///
    /// By the rules of schema resolution in the Avro specification 1.11, as Avro's SchemaCompatibility reads them:
    /// named types match by their names without namespace or by the reader's aliases. Stricter in one point: decimals
    /// of different scale do not match, because whoever overlooks it reads a hundred times the amount.
    public static func incompatibilities(reader: AvroSchema, writer: AvroSchema) -> [Incompatibility] {
        var pairs = CompatiblePairs(reader: reader, writer: writer)
        pairs.settle()
        var report = CompatibilityReport(pairs: pairs)
        report.explain(CompatiblePairs.Pair(reader: reader.root, writer: writer.root), path: "", place: "", depth: 0)
        return report.found
    }
}

/// Which types of two schemas match, found as the greatest fixed point: all pairs that meet are taken to match until
/// a round finds a reason against. So recursive types end, and a choice among a union's branches never rests on a
/// guess that was wrong.
struct CompatiblePairs {
    struct Pair: Hashable {
        let reader: Int
        let writer: Int
    }

    let reader: AvroSchema
    let writer: AvroSchema
    private var matches: [Pair: Bool] = [:]
    /// In the order in which they were met.
    private var pairs: [Pair] = []

    init(reader: AvroSchema, writer: AvroSchema) {
        self.reader = reader
        self.writer = writer
    }

    mutating func settle() {
        _ = assumed(Pair(reader: reader.root, writer: writer.root))
        var hasChanged = true
        while hasChanged {
            hasChanged = false
            var next = 0
            while next < pairs.count {
                let pair = pairs[next]
                next += 1
                if matches[pair] == true, !holds(pair) {
                    matches[pair] = false
                    hasChanged = true
                }
            }
        }
    }

    func isCompatible(_ pair: Pair) -> Bool { matches[pair] ?? false }

    private mutating func assumed(_ pair: Pair) -> Bool {
        if let known = matches[pair] { return known }
        let mayMatch = canMeet(pair)
        matches[pair] = mayMatch
        pairs.append(pair)
        return mayMatch
    }

    /// Without looking inside: keeps unions of many branches from making pairs of all with all.
    private func canMeet(_ pair: Pair) -> Bool {
        let kinds = (reader[pair.reader].kind, writer[pair.writer].kind)
        if case .union = kinds.0 { return true }
        if case .union = kinds.1 { return true }
        return kinds.0.word == kinds.1.word || Self.promotes(kinds.1, to: kinds.0)
    }

    /// Everything below is looked at, whatever is found first: what is never met is never explained.
    private mutating func holds(_ pair: Pair) -> Bool {
        if case .union(let branches) = writer[pair.writer].kind {
            return branches.count { !assumed(Pair(reader: pair.reader, writer: $0)) } == 0
        }
        if case .union(let branches) = reader[pair.reader].kind {
            return branches.count { assumed(Pair(reader: $0, writer: pair.writer)) } > 0
        }
        let isSame = hasSameName(pair) && hasSameScale(pair)
        switch (reader[pair.reader].kind, writer[pair.writer].kind) {
        case (.record(let wanted), .record(let written)):
            let missing = Self.sources(of: wanted, among: written).enumerated().count { index, source in
                guard let source else { return wanted[index].fallback == nil }
                return !assumed(Pair(reader: wanted[index].type, writer: written[source].type))
            }
            return isSame && missing == 0
        case (.enumeration(let known, let fallback), .enumeration(let written, _)):
            return isSame && (fallback != nil || Set(written).isSubset(of: known))
        case (.fixed(let size), .fixed(let written)): return isSame && size == written
        case (.array(let items), .array(let written)): return assumed(Pair(reader: items, writer: written))
        case (.map(let values), .map(let written)): return assumed(Pair(reader: values, writer: written))
        case (let wanted, let written):
            return isSame && (wanted.word == written.word || Self.promotes(written, to: wanted))
        }
    }

    // MARK: Rules

    /// The writer's field for each of the reader's: the one of its name, else one that the reader names as an alias
    /// and that is nobody's by its own name.
    static func sources(of wanted: [AvroSchema.Field], among written: [AvroSchema.Field]) -> [Int?] {
        var places: [String: Int] = [:]
        for (index, field) in written.enumerated() { places[field.name] = index }
        var taken = Set(wanted.compactMap { places[$0.name] })
        return wanted.map { field in
            if let same = places[field.name] { return same }
            let renamed = field.aliases.lazy.compactMap { places[$0] }.first { !taken.contains($0) }
            if let renamed { taken.insert(renamed) }
            return renamed
        }
    }

    func hasSameName(_ pair: Pair) -> Bool {
        guard let wanted = reader[pair.reader].name, let written = writer[pair.writer].name else { return true }
        return Self.short(wanted) == Self.short(written) || reader[pair.reader].aliases.contains(written)
    }

    func hasSameScale(_ pair: Pair) -> Bool {
        guard case .decimal(_, let wanted) = reader[pair.reader].logical,
            case .decimal(_, let written) = writer[pair.writer].logical
        else { return true }
        return wanted == written
    }

    static func promotes(_ written: AvroSchema.Kind, to wanted: AvroSchema.Kind) -> Bool {
        switch (written, wanted) {
        case (.int, .long), (.int, .float), (.int, .double), (.long, .float), (.long, .double), (.float, .double),
            (.string, .bytes), (.bytes, .string):
            true
        default: false
        }
    }

    private static func short(_ name: String) -> Substring {
        name.lastIndex(of: ".").map { name[name.index(after: $0)...] } ?? name[...]
    }
}
