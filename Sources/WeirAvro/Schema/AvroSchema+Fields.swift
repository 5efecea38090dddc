// Looking up fields by path, and whether a topology can use them as it wants to.

public import WeirCore

extension AvroSchema {
    /// Decimals finer than this are refused as measures.
    public static let maximumScale = 6
    /// Decimals of more digits than this are refused as measures: they may not fit 128 bits.
    public static let maximumPrecision = 38

    /// The type that `path` leads to; nil if it leads nowhere.
    ///
    /// A path goes through nested records and through unions of null and one other type; the name
    /// after a map is a key of the map.
    public func type(at path: FieldPath) -> FieldType? {
        guard case .found(let type) = resolve(path.names) else { return nil }
        return type
    }

    /// Names that can follow `names`, for "did you mean": the fields of the record there, in its order.
    public func fieldNames(under names: [String]) -> [String] {
        guard case .found(let type) = resolve(names), case .record(let fields) = type.kind else { return [] }
        return fields.map(\.name)
    }

    /// Digits after the point of a decimal field; 0 for every other type.
    public func scale(of path: FieldPath) -> Int {
        guard case .decimal(_, let scale) = type(at: path)?.logical else { return 0 }
        return scale
    }

    /// Why the schema cannot give a topology the field for the use it wants; nil if it can.
    public func problem(with request: FieldRequest) -> String? {
        let type: FieldType
        switch resolve(request.path.names) {
        case .found(let found): type = found
        case .missing(let name, let parent, let names):
            let place = parent.isEmpty ? "" : " in \(parent)"
            return "there is no field \(name)\(place); there are \(names.joined(separator: ", "))"
        case .noPath(let words, let parent):
            if parent.isEmpty { return "the schema is of type \(words), not record" }
            return "\(parent) is of type \(words); nothing in it has a name"
        }
        switch request.use {
        case .identity: return problem(identity: type)
        case .time: return problem(time: type)
        case .measure: return problem(measure: type)
        case .extent:
            return request.path.names.count == 1 ? nil : "only a field of the record itself can be named here"
        }
    }

    private func problem(identity type: FieldType) -> String? {
        switch type.kind {
        case .string, .bytes, .fixed, .enumeration, .int, .long, .boolean: nil
        case .float, .double: "a \(type.kind.word) does not identify: equal numbers need not be equal bytes"
        case .record(let fields):
            "it is a record; name one of its fields: \(fields.map(\.name).joined(separator: ", "))"
        case .map: "it is a map; name one of its entries by adding a dot and the key"
        case .array: "it is an array, which does not identify"
        case .union: "it is a union of several types; only a union of null and one more can be used"
        case .null: "it is always null"
        }
    }

    private func problem(time type: FieldType) -> String? {
        switch (type.kind, type.logical) {
        case (.long, .timestampMillis), (.long, .timestampMicros): nil
        case (.long, .localTimestampMillis), (.long, .localTimestampMicros):
            "it is \(type.words), which names no instant; event time needs timestamp-millis or timestamp-micros"
        default: "it is \(type.words); event time needs a long with logical type timestamp-millis or timestamp-micros"
        }
    }

    private func problem(measure type: FieldType) -> String? {
        switch (type.kind, type.logical) {
        case (.float, _), (.double, _):
            return "it is \(type.kind.word); quantities are never floating point, use long or decimal"
        case (.bytes, .decimal(let precision, let scale)), (.fixed, .decimal(let precision, let scale)):
            if scale > AvroSchema.maximumScale {
                return "it has \(scale) digits after the point; quantities have at most \(AvroSchema.maximumScale)"
            }
            if precision > AvroSchema.maximumPrecision {
                return "it has \(precision) digits; quantities have at most \(AvroSchema.maximumPrecision)"
            }
            return nil
        case (.int, nil), (.long, nil): return nil
        case (.int, _), (.long, _):
            return "it is \(type.words), a time and not a quantity; use a plain long or a decimal"
        default: return "it is \(type.words); a quantity is an int, a long or a decimal"
        }
    }

    // MARK: Walking

    private enum Resolution {
        case found(FieldType)
        case missing(name: String, parent: String, names: [String])
        case noPath(words: String, parent: String)
    }

    private func resolve(_ names: [String]) -> Resolution {
        var node = root
        var isOptional = false
        func passUnion() {
            guard case .union(let branches) = nodes[node].kind else { return }
            let others = branches.filter { branch in
                if case .null = nodes[branch].kind { false } else { true }
            }
            guard others.count == 1 else { return }
            isOptional = isOptional || branches.count > 1
            node = others[0]
        }
        passUnion()
        for (index, name) in names.enumerated() {
            let parent = names[..<index].joined(separator: ".")
            switch nodes[node].kind {
            case .record(let fields):
                guard let field = fields.first(where: { $0.name == name }) else {
                    return .missing(name: name, parent: parent, names: fields.map(\.name))
                }
                node = field.type
            case .map(let values):
                isOptional = true
                node = values
            case let kind: return .noPath(words: kind.word, parent: parent)
            }
            passUnion()
        }
        return .found(FieldType(kind: nodes[node].kind, logical: nodes[node].logical, isOptional: isOptional))
    }
}
