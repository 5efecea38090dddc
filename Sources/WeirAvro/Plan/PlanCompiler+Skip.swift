// How a plan walks over what nobody asked for, and how its unions are laid out.

extension PlanCompiler {
    /// Emits what walks over a value of writer type `node`.
    mutating func skip(_ node: Int) {
        if sizes.isEmpty[node] { return }
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
            if met.insert(node).inserted { routines.append(node) }
            emit(Op(.call, a: node))
        case .array(let items): skipBlocks(least: sizes.least[items]) { $0.skip(items) }
        case .map(let values) where isBytes(values): emit(Op(.bytesMap))
        case .map(let values):
            skipBlocks(least: sizes.least[values] + 1) {
                $0.emit(Op(.skipBytes))
                $0.skip(values)
            }
        case .union(let branches):
            if let (null, other) = nullable(branches) {
                if isBytes(branches[other]) { return emit(Op(.skipOptionalBytes, a: null)) }
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

    func isBytes(_ node: Int) -> Bool {
        switch writer[node].kind {
        case .bytes, .string: true
        default: false
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
    mutating func finishRoutines() {
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
    func nullable(_ branches: [Int]) -> (null: Int, other: Int)? {
        guard branches.count == 2 else { return nil }
        if case .null = writer[branches[0]].kind { return (0, 1) }
        if case .null = writer[branches[1]].kind { return (1, 0) }
        return nil
    }

    struct Table {
        let first: Int
        let count: Int
    }

    mutating func openUnion(_ count: Int) -> Table {
        emit(Op(.union, a: count))
        let first = ops.count
        for _ in 0..<count { emit(Op(.jump)) }
        return Table(first: first, count: count)
    }

    /// Points the jumps at the ends of the branches, which carry the table's place in `b`, past the union.
    mutating func closeUnion(_ table: Table) {
        for index in table.first + table.count..<ops.count
        where ops[index].code == .jump && ops[index].b == UInt32(table.first) {
            ops[index].a = UInt32(ops.count)
            ops[index].b = 0
        }
    }
}
