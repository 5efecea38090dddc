// How a plan gives fields the reader's defaults: as presets and constants.

import WeirCore

extension PlanCompiler {
    mutating func addConstant(_ bytes: some Collection<UInt8>) -> FieldValue {
        let offset = constants.count
        constants.append(contentsOf: bytes)
        return FieldValue(kind: .bytes, isConstant: true, offset: UInt32(offset), length: UInt32(bytes.count))
    }

    /// Emits what gives `want` its values from a default of reader type `type`.
    mutating func preset(_ value: AvroValue, _ type: Int, _ want: Want) throws(PlanError) {
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
}
