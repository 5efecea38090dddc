// Turns two schemas and a list of fields into the ops of a decode plan.

import WeirCore

/// Makes one plan.
///
/// The main program comes first and reads the root record. Records that are only walked over become
/// routines after it, one for each type, so recursive schemas end.
struct PlanCompiler {
    let writer: AvroSchema
    let reader: AvroSchema
    private(set) var ops: ContiguousArray<Op> = []
    private(set) var presets: ContiguousArray<FieldValue> = []
    private(set) var symbols: ContiguousArray<FieldValue> = []
    private(set) var paths: [String] = []
    private(set) var constants: [UInt8] = []

    /// Path of the field that ops belong to now.
    private var path: [String] = []
    /// Writer records that need a routine, in the order they were met.
    private var routines: [Int] = []
    private var sizes: NodeSizes

    init(writer: AvroSchema, reader: AvroSchema) {
        self.writer = writer
        self.reader = reader
        sizes = NodeSizes(schema: writer)
    }

    mutating func compile(_ requests: [FieldRequest]) throws(PlanError) {
        guard case .record = writer[writer.root].kind else {
            let word = writer[writer.root].kind.word
            throw PlanError(reason: .incompatible, path: "", message: "\(writer.source) is of type \(word), not record")
        }
        var root = Want()
        var copies: [Op] = []
        for (slot, request) in requests.enumerated() {
            if let problem = reader.problem(with: request) {
                let reason: PlanError.Reason = reader.type(at: request.path) == nil ? .missingField : .badRequest
                throw PlanError(reason: reason, path: request.path.description, message: problem)
            }
            if let first = root.add(request, slot: slot) { copies.append(Op(.copy, slot: slot, a: first)) }
        }
        try read(writer.root, reader.root, root)
        for copy in copies { emit(copy) }
        emit(Op(.end))
        finishRoutines()
    }

    private mutating func emit(_ op: Op) {
        ops.append(op)
        paths.append(path.joined(separator: "."))
    }

    private func failure(_ reason: PlanError.Reason, _ message: String) -> PlanError {
        PlanError(reason: reason, path: path.joined(separator: "."), message: message)
    }

    // MARK: Reading

    /// Emits what reads `want` from a value of writer type `node` for reader type `target`.
    private mutating func read(_ node: Int, _ target: Int, _ want: Want) throws(PlanError) {
        if case .union(let branches) = writer[node].kind { return try readUnion(branches, target, want) }
        if case .null = writer[node].kind { return setNull(want) }
        guard let target = match(node, target) else {
            throw failure(
                .incompatible,
                "written as \(words(writer, node)), not readable as \(words(reader, target)) of \(reader.source)")
        }
        switch (writer[node].kind, reader[target].kind) {
        case (.record(let fields), .record(let wanted)) where want.slot == nil:
            try readRecord(fields, wanted, want)
        case (.map(let values), .map(let wanted)) where want.slot == nil:
            try readMap(values, wanted, want)
        default:
            guard let slot = want.slot, want.children.isEmpty else {
                throw failure(.incompatible, "written as \(words(writer, node)), which holds no named values")
            }
            try readLeaf(node, target, slot)
        }
    }

    private mutating func readRecord(
        _ fields: [AvroSchema.Field], _ wanted: [AvroSchema.Field], _ want: Want
    ) throws(PlanError) {
        var children = want.children
        let targets = PlanCompiler.targets(of: fields, among: wanted)
        for (index, field) in fields.enumerated() {
            path.append(field.name)
            defer { path.removeLast() }
            guard let target = targets[index], let child = children.removeValue(forKey: target.name) else {
                skip(field.type)
                continue
            }
            if let extent = child.extent { emit(Op(.beginExtent, slot: extent)) }
            if child.isRead {
                try read(field.type, target.type, child)
            } else {
                skip(field.type)
            }
            if let extent = child.extent { emit(Op(.endExtent, slot: extent)) }
        }
        for name in children.keys.sorted() {
            path.append(name)
            defer { path.removeLast() }
            guard let target = wanted.first(where: { $0.name == name }), let child = children[name] else {
                throw failure(.badRequest, "\(reader.source) has no such field")
            }
            guard let value = target.fallback else {
                throw failure(.missingField, "\(writer.source) does not have it, and \(reader.source) has no default")
            }
            try preset(value, target.type, child)
        }
    }

    /// The reader's field for each of the writer's: the one of its name, else the first that it is an alias of
    /// and that has no field of its own name.
    private static func targets(
        of fields: [AvroSchema.Field], among wanted: [AvroSchema.Field]
    ) -> [AvroSchema.Field?] {
        let written = Set(fields.map(\.name))
        var taken: Set<String> = []
        return fields.map { field in
            if let same = wanted.first(where: { $0.name == field.name }) { return same }
            let renamed = wanted.first { target in
                !written.contains(target.name) && target.aliases.contains(field.name) && !taken.contains(target.name)
            }
            if let renamed { taken.insert(renamed.name) }
            return renamed
        }
    }

    private mutating func readMap(_ values: Int, _ wanted: Int, _ want: Want) throws(PlanError) {
        setNull(want)
        let head = ops.count
        emit(Op(.array))
        let keys = want.children.keys.sorted()
        let select = ops.count
        emit(Op(.selectKey, a: keys.count))
        for key in keys {
            let bytes = addConstant(key.utf8)
            emit(Op(.key, a: Int(bytes.offset), b: Int(bytes.length)))
        }
        skip(values)
        emit(Op(.end))
        for (index, key) in keys.enumerated() {
            guard let child = want.children[key] else { continue }
            ops[select + 1 + index].c = UInt32(ops.count)
            path.append(key)
            try read(values, wanted, child)
            path.removeLast()
            emit(Op(.end))
        }
        ops[head].a = UInt32(ops.count)
        ops[head].b = UInt32(sizes.least(values) + 1)
    }

    private mutating func readUnion(_ branches: [Int], _ target: Int, _ want: Want) throws(PlanError) {
        if let (null, other) = nullable(branches) {
            setNull(want)
            let head = ops.count
            emit(Op(.optional, b: null))
            try read(branches[other], target, want)
            ops[head].a = UInt32(ops.count)
            return
        }
        // A branch that the reader cannot take is an error only for records that use it.
        var refused: PlanError?
        var isReadable = false
        let table = openUnion(branches.count)
        for (index, branch) in branches.enumerated() {
            ops[table.first + index].a = UInt32(ops.count)
            let start = ops.count
            let depth = path.count
            do throws(PlanError) {
                try read(branch, target, want)
                isReadable = true
            } catch {
                refused = refused ?? error
                ops.removeSubrange(start...)
                paths.removeSubrange(start...)
                path.removeSubrange(depth...)
                emit(Op(.refuse))
            }
            emit(Op(.jump))
            ops[ops.count - 1].b = UInt32(table.first)
        }
        if !isReadable, let refused { throw refused }
        closeUnion(table)
    }

    private mutating func readLeaf(_ node: Int, _ target: Int, _ slot: Int) throws(PlanError) {
        let logical = writer[node].logical ?? reader[target].logical
        switch writer[node].kind {
        case .int: emit(Op(.readInt, slot: slot))
        case .long: emit(Op(logical == .timestampMillis ? .readMillis : .readLong, slot: slot))
        case .boolean: emit(Op(.readBoolean, slot: slot))
        case .string, .bytes:
            if case .string = reader[target].kind {
                emit(Op(.readString, slot: slot))
            } else {
                emit(Op(.readBytes, slot: slot))
            }
        case .fixed(let size): emit(Op(.readFixed, slot: slot, a: size))
        case .enumeration(let names, _):
            guard case .enumeration(let known, let fallback) = reader[target].kind else {
                throw failure(.incompatible, "written as an enum")
            }
            let base = symbols.count
            for name in names {
                if known.contains(name) {
                    symbols.append(addConstant(name.utf8))
                } else if let fallback {
                    symbols.append(addConstant(known[fallback].utf8))
                } else {
                    symbols.append(FieldValue(kind: .null))
                }
            }
            emit(Op(.readEnum, slot: slot, a: base, b: names.count))
        default:
            throw failure(.incompatible, "written as \(words(writer, node)), which is no single value")
        }
    }

    private mutating func setNull(_ want: Want) {
        if let slot = want.slot { emit(Op(.setNull, slot: slot)) }
        for child in want.children.sorted(by: { $0.key < $1.key }) { setNull(child.value) }
    }

    // MARK: Matching types

    /// The reader's type that takes a writer's type, through the reader's union if it is one.
    private func match(_ node: Int, _ target: Int) -> Int? {
        guard case .union(let branches) = reader[target].kind else { return accepts(node, target) ? target : nil }
        let word = writer[node].kind.word
        return branches.first { reader[$0].kind.word == word && accepts(node, $0) }
            ?? branches.first { accepts(node, $0) }
    }

    /// Whether a value written as `node` can be read as `target`, neither of them a union.
    ///
    /// Records are matched by their fields alone, whatever their names.
    private func accepts(_ node: Int, _ target: Int) -> Bool {
        switch (writer[node].kind, reader[target].kind) {
        case (.boolean, .boolean), (.int, .int), (.int, .long), (.long, .long), (.string, .string), (.string, .bytes),
            (.record, .record), (.map, .map), (.enumeration, .enumeration):
            return true
        case (.bytes, .string), (.bytes, .bytes): return hasSameScale(node, target)
        case (.fixed(let written), .fixed(let size)): return written == size && hasSameScale(node, target)
        default: return false
        }
    }

    private func hasSameScale(_ node: Int, _ target: Int) -> Bool {
        guard case .decimal(_, let written) = writer[node].logical, case .decimal(_, let read) = reader[target].logical
        else { return true }
        return written == read
    }

    private func words(_ schema: AvroSchema, _ node: Int) -> String {
        if case .union(let branches) = schema[node].kind {
            return "a union of " + branches.map { words(schema, $0) }.joined(separator: ", ")
        }
        let word = schema[node].name ?? schema[node].kind.word
        if case .decimal(let precision, let scale) = schema[node].logical {
            return "\(word) (decimal \(precision), \(scale))"
        }
        return schema[node].logical.map { "\(word) (\($0.name))" } ?? word
    }

    // MARK: Constants

    private mutating func addConstant(_ bytes: some Collection<UInt8>) -> FieldValue {
        let offset = constants.count
        constants.append(contentsOf: bytes)
        return FieldValue(kind: .bytes, isConstant: true, offset: UInt32(offset), length: UInt32(bytes.count))
    }

    /// Emits what gives `want` its values from a default of reader type `type`.
    private mutating func preset(_ value: AvroValue, _ type: Int, _ want: Want) throws(PlanError) {
        if let slot = want.extent {
            var encoded = AvroWriter()
            do throws(EncodeError) {
                try value.encode(schema: reader, node: type, into: &encoded)
            } catch {
                throw failure(.badRequest, "the default of \(reader.source) does not encode: \(error)")
            }
            constant(addConstant(encoded.bytes), slot)
        }
        guard want.isRead else { return }
        switch (value, reader[type].kind) {
        case (.union(let index, let inner), .union(let branches)): return try presetInner(inner, branches[index], want)
        case (.record(let values), .record(let fields)) where want.slot == nil:
            for (name, child) in want.children.sorted(by: { $0.key < $1.key }) {
                guard let index = fields.firstIndex(where: { $0.name == name }) else {
                    throw failure(.badRequest, "\(reader.source) has no field \(name) in it")
                }
                try presetInner(values[index], fields[index].type, child)
            }
        case (.map(let entries), .map(let values)) where want.slot == nil:
            for (name, child) in want.children.sorted(by: { $0.key < $1.key }) {
                if let entry = entries.last(where: { $0.key == name }) {
                    try presetInner(entry.value, values, child)
                } else {
                    setNull(child)
                }
            }
        case (.null, _): setNull(want)
        default:
            guard let slot = want.slot, let field = leaf(value, type) else {
                throw failure(.badRequest, "the default of \(reader.source) is no single value in range")
            }
            constant(field, slot)
        }
    }

    /// As `preset`, for a value inside a default: extents are of whole fields only.
    private mutating func presetInner(_ value: AvroValue, _ type: Int, _ want: Want) throws(PlanError) {
        var inner = want
        inner.extent = nil
        try preset(value, type, inner)
    }

    private mutating func leaf(_ value: AvroValue, _ type: Int) -> FieldValue? {
        switch value {
        case .boolean(let value): return FieldValue(kind: .integer, integer: value ? 1 : 0)
        case .int(let value): return FieldValue(kind: .integer, integer: Int64(value))
        case .long(let value):
            guard reader[type].logical == .timestampMillis else { return FieldValue(kind: .integer, integer: value) }
            let (micros, overflow) = value.multipliedReportingOverflow(by: 1000)
            return overflow ? nil : FieldValue(kind: .integer, integer: micros)
        case .string(let text): return addConstant(text.utf8)
        case .bytes(let bytes), .fixed(let bytes): return addConstant(bytes)
        case .enumeration(let index):
            guard case .enumeration(let names, _) = reader[type].kind else { return nil }
            return addConstant(names[index].utf8)
        default: return nil
        }
    }

    private mutating func constant(_ value: FieldValue, _ slot: Int) {
        presets.append(value)
        emit(Op(.constant, slot: slot, a: presets.count - 1))
    }

    // MARK: Skipping

    /// Emits what walks over a value of writer type `node`.
    private mutating func skip(_ node: Int) {
        if sizes.isEmpty(node) { return }
        switch writer[node].kind {
        case .null: break
        case .boolean: emit(Op(.skipBoolean))
        case .int: emit(Op(.skipInt))
        case .long: emit(Op(.skipLong))
        case .float: emit(Op(.skipFixed, a: 4))
        case .double: emit(Op(.skipFixed, a: 8))
        case .bytes, .string: emit(Op(.skipBytes))
        case .fixed(let size): emit(Op(.skipFixed, a: size))
        case .enumeration(let symbols, _): emit(Op(.skipEnum, a: symbols.count))
        case .record:
            if !routines.contains(node) { routines.append(node) }
            emit(Op(.call, a: node))
        case .array(let items): skipBlocks(least: sizes.least(items)) { $0.skip(items) }
        case .map(let values):
            skipBlocks(least: sizes.least(values) + 1) {
                $0.emit(Op(.skipBytes))
                $0.skip(values)
            }
        case .union(let branches):
            if let (null, other) = nullable(branches) {
                let head = ops.count
                emit(Op(.optional, b: null))
                skip(branches[other])
                ops[head].a = UInt32(ops.count)
                return
            }
            let table = openUnion(branches.count)
            for (index, branch) in branches.enumerated() {
                ops[table.first + index].a = UInt32(ops.count)
                skip(branch)
                emit(Op(.jump, b: table.first))
            }
            closeUnion(table)
        }
    }

    private mutating func skipBlocks(least: Int, item: (inout PlanCompiler) -> Void) {
        let head = ops.count
        emit(Op(.array, b: least))
        item(&self)
        emit(Op(.end))
        ops[head].a = UInt32(ops.count)
    }

    /// Emits the routines that calls name by their record, and points the calls at them.
    private mutating func finishRoutines() {
        path = []
        var starts: [Int: Int] = [:]
        var next = 0
        while next < routines.count {
            let node = routines[next]
            next += 1
            starts[node] = ops.count
            guard case .record(let fields) = writer[node].kind else { continue }
            for field in fields {
                path = ["\(writer[node].name ?? "record").\(field.name)"]
                skip(field.type)
            }
            emit(Op(.end))
        }
        for index in ops.indices where ops[index].code == .call {
            ops[index].a = UInt32(starts[Int(ops[index].a)] ?? 0)
        }
    }

    // MARK: Unions

    /// The places of null and of the other branch, in a union of null and one more.
    private func nullable(_ branches: [Int]) -> (null: Int, other: Int)? {
        guard branches.count == 2 else { return nil }
        if case .null = writer[branches[0]].kind { return (0, 1) }
        if case .null = writer[branches[1]].kind { return (1, 0) }
        return nil
    }

    private struct Table {
        let first: Int
        let count: Int
    }

    private mutating func openUnion(_ count: Int) -> Table {
        emit(Op(.union, a: count))
        let first = ops.count
        for _ in 0..<count { emit(Op(.jump)) }
        return Table(first: first, count: count)
    }

    /// Points the jumps at the ends of the branches, which carry the table's place in `b`, past the union.
    private mutating func closeUnion(_ table: Table) {
        for index in table.first + table.count..<ops.count
        where ops[index].code == .jump && ops[index].b == UInt32(table.first) {
            ops[index].a = UInt32(ops.count)
            ops[index].b = 0
        }
    }
}
