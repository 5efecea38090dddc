// Schema resolution on values, rule by rule as the specification tells it: the oracle of plans and decoders.

import WeirAvro

/// Turns a value of the writer's schema into one of the reader's.
struct NaiveResolution {
    struct Mismatch: Error {}

    /// Rules that others follow where Weir departs from the specification, or it from them (docs/avro.md).
    struct Variant: OptionSet {
        let rawValue: Int

        /// Of a union's branches the first that matches, be it by promotion.
        static let firstBranch = Variant(rawValue: 1)
        /// Decimals are bytes like others.
        static let decimalsAreBytes = Variant(rawValue: 2)
    }

    let writer: AvroSchema
    let reader: AvroSchema
    var variant: Variant = []

    func value(of written: AvroValue) throws -> AvroValue { try resolve(written, writer.root, reader.root) }

    /// Whether the schemas fit at all, whatever the value.
    var fits: Bool { fits(writer.root, reader.root, []) }

    // MARK: Values

    private func resolve(_ value: AvroValue, _ node: Int, _ target: Int) throws -> AvroValue {
        if case .union(let branches) = writer[node].kind {
            guard case .union(let branch, let inner) = value else { throw Mismatch() }
            return try resolve(inner, branches[branch], target)
        }
        if case .union(let branches) = reader[target].kind {
            guard let branch = branch(node, branches) else { throw Mismatch() }
            return .union(branch, try resolve(value, node, branches[branch]))
        }
        guard matches(node, target) else { throw Mismatch() }
        switch (value, writer[node].kind, reader[target].kind) {
        case (.int(let value), _, .long): return .long(Int64(value))
        case (.int(let value), _, .float): return .float(Float(value))
        case (.int(let value), _, .double): return .double(Double(value))
        case (.long(let value), _, .float): return .float(Float(value))
        case (.long(let value), _, .double): return .double(Double(value))
        case (.float(let value), _, .double): return .double(Double(value))
        case (.string(let text), _, .bytes): return .bytes(Array(text.utf8))
        case (.bytes(let bytes), _, .string):
            guard let text = String(validating: bytes, as: UTF8.self) else { throw Mismatch() }
            return .string(text)
        case (.enumeration(let index), .enumeration(let symbols, _), .enumeration(let known, let fallback)):
            guard let place = known.firstIndex(of: symbols[index]) ?? fallback else { throw Mismatch() }
            return .enumeration(place)
        case (.array(let values), .array(let items), .array(let wanted)):
            return .array(try values.map { try resolve($0, items, wanted) })
        case (.map(let entries), .map(let values), .map(let wanted)):
            return .map(try entries.map { AvroValue.Entry($0.key, try resolve($0.value, values, wanted)) })
        case (.record(let values), .record(let fields), .record(let wanted)):
            return .record(
                try wanted.enumerated().map { place, field in
                    guard let source = source(of: place, wanted, fields) else {
                        guard let fallback = field.fallback else { throw Mismatch() }
                        return fallback
                    }
                    return try resolve(values[source], fields[source].type, field.type)
                })
        default: return value
        }
    }

    // MARK: Schemas

    private func fits(_ node: Int, _ target: Int, _ open: [[Int]]) -> Bool {
        if open.contains([node, target]) { return true }
        let open = open + [[node, target]]
        if case .union(let branches) = writer[node].kind {
            return branches.isEmpty || branches.contains { fits($0, target, open) }
        }
        if case .union(let branches) = reader[target].kind {
            guard let branch = branch(node, branches) else { return false }
            return fits(node, branches[branch], open)
        }
        guard matches(node, target) else { return false }
        switch (writer[node].kind, reader[target].kind) {
        case (.array(let items), .array(let wanted)): return fits(items, wanted, open)
        case (.map(let values), .map(let wanted)): return fits(values, wanted, open)
        case (.record(let fields), .record(let wanted)):
            return wanted.enumerated().allSatisfy { place, field in
                guard let source = source(of: place, wanted, fields) else { return field.fallback != nil }
                return fits(fields[source].type, field.type, open)
            }
        default: return true
        }
    }

    /// The reader's branch for a value: its own type by full name, its own type, a promotion.
    private func branch(_ node: Int, _ branches: [Int]) -> Int? {
        let fitting = branches.indices.filter { matches(node, branches[$0]) }
        if variant.contains(.firstBranch) { return fitting.first }
        return fitting.first { writer[node].name != nil && reader[branches[$0]].name == writer[node].name }
            ?? fitting.first { reader[branches[$0]].kind.word == writer[node].kind.word }
            ?? fitting.first
    }

    private func source(of place: Int, _ wanted: [AvroSchema.Field], _ fields: [AvroSchema.Field]) -> Int? {
        if let same = fields.firstIndex(where: { $0.name == wanted[place].name }) { return same }
        let names = Set(wanted.map(\.name))
        // Aliases of fields before this one may have taken what this one wants.
        var taken = Set(fields.map(\.name).filter(names.contains))
        for (other, field) in wanted.enumerated() where !fields.contains(where: { $0.name == field.name }) {
            let alias = field.aliases.first { alias in !taken.contains(alias) && fields.contains { $0.name == alias } }
            if other == place { return alias.flatMap { alias in fields.firstIndex { $0.name == alias } } }
            if let alias { taken.insert(alias) }
        }
        return nil
    }

    private func matches(_ node: Int, _ target: Int) -> Bool {
        let (written, wanted) = (writer[node], reader[target])
        switch (written.kind, wanted.kind) {
        case (.union, _), (_, .union): return true
        case (.array(let items), .array(let inner)): return matches(items, inner)
        case (.map(let values), .map(let inner)): return matches(values, inner)
        case (.record, .record), (.enumeration, .enumeration): return haveSameName(written, wanted)
        case (.fixed(let size), .fixed(let other)):
            return size == other && haveSameName(written, wanted) && scalesFit(written, wanted)
        case (.bytes, .bytes): return scalesFit(written, wanted)
        case (.string, .bytes), (.bytes, .string): return scale(written) == nil && scale(wanted) == nil
        case (.int, .long), (.int, .float), (.int, .double), (.long, .float), (.long, .double), (.float, .double):
            return true
        default:
            let isNamed = written.name != nil || wanted.name != nil
            return !isNamed && written.kind.word == wanted.kind.word
        }
    }

    private func haveSameName(_ written: AvroSchema.Node, _ wanted: AvroSchema.Node) -> Bool {
        func last(_ name: String?) -> String? { name?.split(separator: ".").last.map(String.init) }
        return ([wanted.name] + wanted.aliases).contains { last($0) == last(written.name) }
    }

    private func scale(_ node: AvroSchema.Node) -> Int? {
        guard !variant.contains(.decimalsAreBytes), case .decimal(_, let scale) = node.logical else { return nil }
        return scale
    }

    private func scalesFit(_ written: AvroSchema.Node, _ wanted: AvroSchema.Node) -> Bool {
        guard let one = scale(written), let other = scale(wanted) else { return true }
        return one == other
    }
}
