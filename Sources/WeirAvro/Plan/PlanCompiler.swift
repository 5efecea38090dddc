// Turns two schemas and a list of fields into the ops of a decode plan.

import WeirCore

/// Makes one plan.
///
/// The main program comes first and reads the root record. Records that are only walked over become
/// routines after it, one for each type, so recursive schemas end.
struct PlanCompiler {
    let writer: AvroSchema
    let reader: AvroSchema
    var ops: ContiguousArray<Op> = []
    var presets: ContiguousArray<FieldValue> = []
    var symbols: ContiguousArray<FieldValue> = []
    var paths: [String] = []
    var constants: [UInt8] = []

    /// Path of the field that ops belong to now.
    var path: [String] = []
    /// Writer records that need a routine, in the order they were met.
    var routines: [Int] = []
    var sizes: NodeSizes

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

    mutating func emit(_ op: Op) {
        ops.append(op)
        paths.append(path.joined(separator: "."))
    }

    func failure(_ reason: PlanError.Reason, _ message: String) -> PlanError {
        PlanError(reason: reason, path: path.joined(separator: "."), message: message)
    }

    // MARK: Reading

    /// Emits what reads `want` from a value of writer type `node` for reader type `target`.
    mutating func read(_ node: Int, _ target: Int, _ want: Want) throws(PlanError) {
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

    mutating func readRecord(
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

    mutating func readMap(_ values: Int, _ wanted: Int, _ want: Want) throws(PlanError) {
        let keys = want.children.keys.sorted()
        if isBytes(values), let target = match(values, wanted), want.children.values.allSatisfy(\.children.isEmpty) {
            let isText = if case .string = reader[target].kind { true } else { false }
            emit(Op(.bytesMap, a: keys.count))
            for key in keys {
                path.append(key)
                let bytes = addConstant(key.utf8)
                let slot = want.children[key]?.slot ?? 0
                emit(Op(.key, slot: slot, a: Int(bytes.offset), b: Int(bytes.length), c: isText ? 1 : 0))
                path.removeLast()
            }
            return
        }
        setNull(want)
        let head = ops.count
        emit(Op(.array))
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

    mutating func readUnion(_ branches: [Int], _ target: Int, _ want: Want) throws(PlanError) {
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

    mutating func readLeaf(_ node: Int, _ target: Int, _ slot: Int) throws(PlanError) {
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

    mutating func setNull(_ want: Want) {
        if let slot = want.slot { emit(Op(.setNull, slot: slot)) }
        for child in want.children.sorted(by: { $0.key < $1.key }) { setNull(child.value) }
    }

    // MARK: Matching types

    /// The reader's type that takes a writer's type, through the reader's union if it is one.
    func match(_ node: Int, _ target: Int) -> Int? {
        guard case .union(let branches) = reader[target].kind else { return accepts(node, target) ? target : nil }
        let word = writer[node].kind.word
        return branches.first { reader[$0].kind.word == word && accepts(node, $0) }
            ?? branches.first { accepts(node, $0) }
    }

    /// Whether a value written as `node` can be read as `target`, neither of them a union.
    ///
    /// Records are matched by their fields alone, whatever their names.
    func accepts(_ node: Int, _ target: Int) -> Bool {
        switch (writer[node].kind, reader[target].kind) {
        case (.boolean, .boolean), (.int, .int), (.int, .long), (.long, .long), (.string, .string), (.string, .bytes),
            (.record, .record), (.map, .map), (.enumeration, .enumeration):
            return true
        case (.bytes, .string), (.bytes, .bytes): return hasSameScale(node, target)
        case (.fixed(let written), .fixed(let size)): return written == size && hasSameScale(node, target)
        default: return false
        }
    }

    func hasSameScale(_ node: Int, _ target: Int) -> Bool {
        guard case .decimal(_, let written) = writer[node].logical, case .decimal(_, let read) = reader[target].logical
        else { return true }
        return written == read
    }

    func words(_ schema: AvroSchema, _ node: Int) -> String {
        if case .union(let branches) = schema[node].kind {
            return "a union of " + branches.map { words(schema, $0) }.joined(separator: ", ")
        }
        let word = schema[node].name ?? schema[node].kind.word
        if case .decimal(let precision, let scale) = schema[node].logical {
            return "\(word) (decimal \(precision), \(scale))"
        }
        return schema[node].logical.map { "\(word) (\($0.name))" } ?? word
    }
}
