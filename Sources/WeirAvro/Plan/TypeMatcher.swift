// Which of a reader's types takes values of a writer's type.

/// The matching rules of Avro 1.11 ("Schema Resolution"), and where Weir departs from them.
///
/// Named types match when what follows the last dot of their names is equal; a reader's aliases are further names of
/// its. Of several branches of a reader's union the one with the same full name counts first, then the first of the
/// same type, then the first that a promotion leads to: the specification takes the first of all, and would read a
/// long as a double with the very schema it was written with.
///
/// Decimals match decimals of the same scale, and never text: the bytes of one are nonsense as the other. The
/// specification wants equal precisions too; numbers do not change with them, and Weir lets them grow and shrink.
struct TypeMatcher {
    struct Match {
        let node: Int
        let branch: Int?
    }

    private let writer: AvroSchema
    private let reader: AvroSchema
    private var names: [Int: Set<Substring>] = [:]
    /// For each of the reader's unions, its branches by full name.
    private var unions: [Int: [String: Int]] = [:]
    /// Comparisons left, so that two hostile unions cannot multiply.
    private var budget = 1 << 22

    init(writer: AvroSchema, reader: AvroSchema) {
        self.writer = writer
        self.reader = reader
    }

    /// What takes a value of writer type `node`, which is no union, when the reader wants `target`.
    mutating func match(_ node: Int, _ target: Int) -> Match? {
        guard case .union(let branches) = reader[target].kind else {
            return accepts(node, target) ? Match(node: target, branch: nil) : nil
        }
        if let name = writer[node].name, let branch = branch(name, of: target, branches),
            accepts(node, branches[branch])
        {
            return Match(node: branches[branch], branch: branch)
        }
        var promoted: Match?
        for (branch, candidate) in branches.enumerated() where accepts(node, candidate) {
            let match = Match(node: candidate, branch: branch)
            if TypeMatcher.isSameType(writer[node].kind, reader[candidate].kind) { return match }
            promoted = promoted ?? match
        }
        return promoted
    }

    private mutating func branch(_ name: String, of union: Int, _ branches: [Int]) -> Int? {
        if let known = unions[union] { return known[name] }
        var byName: [String: Int] = [:]
        for (branch, node) in branches.enumerated() { if let name = reader[node].name { byName[name] = branch } }
        unions[union] = byName
        return byName[name]
    }

    private static func isSameType(_ written: AvroSchema.Kind, _ wanted: AvroSchema.Kind) -> Bool {
        switch (written, wanted) {
        case (.int, .int), (.long, .long), (.float, .float), (.double, .double), (.bytes, .bytes), (.string, .string):
            true
        case (.int, _), (.long, _), (.float, _), (.double, _), (.bytes, _), (.string, _): false
        default: true
        }
    }

    /// Whether a value written as `node` can be read as `target`, as far as types tell that are no records.
    ///
    /// Recursion ends: between arrays, maps and unions of a schema stands a named type, or the nesting of its text.
    private mutating func accepts(_ node: Int, _ target: Int) -> Bool {
        budget -= 1
        guard budget > 0 else { return false }
        switch (writer[node].kind, reader[target].kind) {
        case (.union, _), (_, .union): return true
        case (.null, .null), (.boolean, .boolean), (.int, .int), (.int, .long), (.int, .float), (.int, .double),
            (.long, .long), (.long, .float), (.long, .double), (.float, .float), (.float, .double),
            (.double, .double), (.string, .string):
            return true
        case (.bytes, .bytes): return hasSameScale(node, target)
        case (.string, .bytes), (.bytes, .string): return !isDecimal(writer[node]) && !isDecimal(reader[target])
        case (.fixed(let written), .fixed(let size)):
            return written == size && hasSameScale(node, target) && isNamed(node, target)
        case (.enumeration, .enumeration), (.record, .record): return isNamed(node, target)
        case (.array(let items), .array(let wanted)): return accepts(items, wanted)
        case (.map(let values), .map(let wanted)): return accepts(values, wanted)
        default: return false
        }
    }

    private mutating func isNamed(_ node: Int, _ target: Int) -> Bool {
        guard let name = writer[node].name else { return false }
        if reader[target].name == name { return true }
        if names[target] == nil {
            let all = (reader[target].name.map { [$0] } ?? []) + reader[target].aliases
            names[target] = Set(all.map(TypeMatcher.unqualified))
        }
        return names[target]?.contains(TypeMatcher.unqualified(name)) == true
    }

    private static func unqualified(_ name: String) -> Substring {
        name.lastIndex(of: ".").map { name[name.index(after: $0)...] } ?? name[...]
    }

    private func isDecimal(_ node: AvroSchema.Node) -> Bool {
        if case .decimal = node.logical { true } else { false }
    }

    private func hasSameScale(_ node: Int, _ target: Int) -> Bool {
        guard case .decimal(_, let written) = writer[node].logical, case .decimal(_, let read) = reader[target].logical
        else { return true }
        return written == read
    }

    // MARK: Words

    /// Why nothing takes the value.
    func refusal(_ node: Int, _ target: Int) -> String {
        let advice =
            if let name = writer[node].name, reader[target].kind.word == writer[node].kind.word,
                reader[target].name != name
            {
                "; its names differ, which an alias \"\(name)\" would allow"
            } else {
                ""
            }
        return "written as \(TypeMatcher.words(writer, node)), not readable as "
            + "\(TypeMatcher.words(reader, target)) of \(reader.source)\(advice)"
    }

    static func words(_ schema: AvroSchema, _ node: Int) -> String {
        if case .union(let branches) = schema[node].kind {
            let more = branches.count > 8 ? " and \(branches.count - 8) more" : ""
            return "a union of " + branches.prefix(8).map { words(schema, $0) }.joined(separator: ", ") + more
        }
        let word = schema[node].name ?? schema[node].kind.word
        if case .fixed(let size) = schema[node].kind, schema[node].logical == nil { return "\(word) (\(size) bytes)" }
        return FieldType(kind: schema[node].kind, logical: schema[node].logical, isOptional: false).words(called: word)
    }
}
