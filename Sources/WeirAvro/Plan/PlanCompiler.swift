// Turns a resolution and a list of fields into the ops of a decode plan.

import WeirCore

/// Makes one plan.
///
/// The main program comes first and reads the root record. Records that are only walked over become
/// routines after it, one for each type, so recursive schemas end.
struct PlanCompiler {
    let resolution: Resolution
    var ops: ContiguousArray<Op> = []
    var presets: ContiguousArray<FieldValue> = []
    var symbols: ContiguousArray<FieldValue> = []
    var paths: [String] = []
    var constants: [UInt8] = []

    /// Path of the field that ops belong to now.
    var path: [String] = []
    /// Writer records that need a routine, in the order they were met.
    var routines: [Int] = []
    var met: Set<Int> = []
    let sizes: NodeSizes

    init(writer: AvroSchema, reader: AvroSchema) {
        resolution = Resolution(writer: writer, reader: reader)
        sizes = NodeSizes(schema: writer)
    }

    var writer: AvroSchema { resolution.writer }
    var reader: AvroSchema { resolution.reader }

    mutating func compile(_ requests: [FieldRequest]) throws(PlanError) {
        var root = Want()
        var copies: [Op] = []
        for (slot, request) in requests.enumerated() {
            if let problem = reader.problem(with: request) {
                let reason: PlanError.Reason = reader.type(at: request.path) == nil ? .missingField : .badRequest
                throw PlanError(reason: reason, path: request.path.description, message: problem)
            }
            if let first = root.add(request, slot: slot) { copies.append(Op(.copy, slot: slot, a: first)) }
        }
        if requests.isEmpty { skip(writer.root) } else { try read(0, root) }
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

    /// Emits what reads `want` from a value that `step` resolves.
    ///
    /// A null is read as one whatever the reader's type: only who uses the field knows whether it may be absent.
    mutating func read(_ index: Int, _ want: Want) throws(PlanError) {
        let step = resolution[index]
        if case .null = writer[step.writer].kind { return setNull(want) }
        switch step.rule {
        case .refused(let words): throw failure(.incompatible, words)
        case .union(let branches): try readUnion(branches, want)
        case .record(let rule) where want.slot == nil:
            guard case .record(let fields) = writer[step.writer].kind,
                case .record(let wanted) = reader[step.reader].kind
            else { return }
            try readRecord(rule, fields, wanted, want)
        case .map(let values) where want.slot == nil: try readMap(values, want)
        case .leaf, .enumeration, .record, .array, .map:
            guard let slot = want.slot, want.children.isEmpty else {
                let words = TypeMatcher.words(writer, step.writer)
                throw failure(.incompatible, "written as \(words), which holds no named values")
            }
            try readLeaf(step, slot)
        }
    }

    mutating func readRecord(
        _ rule: Resolution.RecordRule, _ fields: [AvroSchema.Field], _ wanted: [AvroSchema.Field], _ want: Want
    ) throws(PlanError) {
        var children = want.children
        for (field, rule) in zip(fields, rule.fields) {
            path.append(field.name)
            defer { path.removeLast() }
            guard let rule, let child = children.removeValue(forKey: wanted[rule.target].name) else {
                skip(field.type)
                continue
            }
            if let extent = child.extent { emit(Op(.beginExtent, slot: extent)) }
            if child.isRead {
                try read(rule.step, child)
            } else {
                skip(field.type)
            }
            if let extent = child.extent { emit(Op(.endExtent, slot: extent)) }
        }
        for target in rule.missing + rule.defaults {
            guard let child = children.removeValue(forKey: wanted[target].name) else { continue }
            path.append(wanted[target].name)
            defer { path.removeLast() }
            guard let value = wanted[target].fallback else { throw failure(.missingField, resolution.lacksField) }
            try preset(value, wanted[target].type, child)
        }
        if let name = children.keys.sorted().first {
            throw failure(.badRequest, "\(reader.source) has no field \(name)")
        }
    }

    mutating func readMap(_ values: Int, _ want: Want) throws(PlanError) {
        let keys = want.children.keys.sorted()
        let node = resolution[values].writer
        if isBytes(node), case .leaf = resolution[values].rule, want.children.values.allSatisfy(\.children.isEmpty) {
            let isText = if case .string = reader[resolution[values].reader].kind { true } else { false }
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
        skip(node)
        emit(Op(.end))
        for (index, key) in keys.enumerated() {
            guard let child = want.children[key] else { continue }
            ops[select + 1 + index].c = UInt32(ops.count)
            path.append(key)
            try read(values, child)
            path.removeLast()
            emit(Op(.end))
        }
        ops[head].a = UInt32(ops.count)
        ops[head].b = UInt32(min(sizes.least[node] + 1, Int(Int32.max)))
    }

    /// A branch that the reader cannot take is an error only for records that use it.
    mutating func readUnion(_ branches: [Int], _ want: Want) throws(PlanError) {
        var refused: PlanError?
        var isReadable = false
        if let (null, other) = nullable(branches.map { resolution[$0].writer }) {
            setNull(want)
            let head = ops.count
            emit(Op(.optional, b: null))
            refused = readBranch(branches[other], want)
            isReadable = refused == nil || !isRefused(branches[null])
            ops[head].a = UInt32(ops.count)
        } else {
            let table = openUnion(branches.count)
            for (index, branch) in branches.enumerated() {
                ops[table.first + index].a = UInt32(ops.count)
                let problem = readBranch(branch, want)
                refused = refused ?? problem
                isReadable = isReadable || (problem == nil && !isRefused(branch))
                emit(Op(.jump))
                ops[ops.count - 1].b = UInt32(table.first)
            }
            closeUnion(table)
        }
        if !isReadable, let refused { throw refused }
    }

    /// Emits what reads one branch, or what refuses it: then returns why.
    private mutating func readBranch(_ step: Int, _ want: Want) -> PlanError? {
        let start = ops.count
        let depth = path.count
        do throws(PlanError) {
            try read(step, want)
            return nil
        } catch {
            ops.removeSubrange(start...)
            paths.removeSubrange(start...)
            path.removeSubrange(depth...)
            emit(Op(.refuse))
            return error
        }
    }

    private func isRefused(_ step: Int) -> Bool {
        if case .refused = resolution[step].rule { true } else { false }
    }

    mutating func readLeaf(_ step: Resolution.Step, _ slot: Int) throws(PlanError) {
        switch (writer[step.writer].kind, step.rule) {
        case (.int, _), (.long, _): try readInteger(step, slot)
        case (.boolean, _): emit(Op(.readBoolean, slot: slot))
        case (.string, _), (.bytes, _):
            if case .string = reader[step.reader].kind {
                emit(Op(.readString, slot: slot))
            } else {
                emit(Op(.readBytes, slot: slot))
            }
        case (.fixed(let size), _): emit(Op(.readFixed, slot: slot, a: size))
        case (.enumeration(let names, _), .enumeration(let places)):
            guard case .enumeration(let known, _) = reader[step.reader].kind else { return }
            let base = symbols.count
            for place in places { symbols.append(place.map { addConstant(known[$0].utf8) } ?? FieldValue(kind: .null)) }
            emit(Op(.readEnum, slot: slot, a: base, b: names.count))
        default:
            let words = TypeMatcher.words(writer, step.writer)
            throw failure(.incompatible, "written as \(words), which is no single value")
        }
    }

    /// A number, or an instant as microseconds: the writer's logical type says which, or the reader's if it has none.
    private mutating func readInteger(_ step: Resolution.Step, _ slot: Int) throws(PlanError) {
        let written = writer[step.writer].logical
        let wanted = reader[step.reader].logical
        if let written, wanted?.isInstant == true, !written.isInstant {
            let words = TypeMatcher.words(writer, step.writer)
            throw failure(.incompatible, "written as \(words), which names no instant")
        }
        let isMillis = (written ?? wanted) == .timestampMillis
        if case .int = writer[step.writer].kind {
            emit(Op(isMillis ? .readIntMillis : .readInt, slot: slot))
        } else {
            emit(Op(isMillis ? .readMillis : .readLong, slot: slot))
        }
    }

    mutating func setNull(_ want: Want) {
        if let slot = want.slot { emit(Op(.setNull, slot: slot)) }
        for child in want.children.sorted(by: { $0.key < $1.key }) { setNull(child.value) }
    }
}
