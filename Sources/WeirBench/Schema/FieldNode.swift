// The fields that matter of a source's record, as a tree.

import WeirCore

/// A field or a record, map or union above it. Where a field has several roles the first decides its values.
struct FieldNode {
    var role: FieldRole?
    /// Place among the values that the expectation needs.
    var slot: Int?
    /// Whether its text is the Kafka key.
    var isKey = false
    var children: [String: FieldNode] = [:]

    init() {}

    /// - Parameters:
    ///   - traced: fields with columns of a trace.
    ///   - slots: fields whose values the expectation needs, in its order.
    init(source: Source, topology: Topology, traced: [FieldPath], slots: [FieldPath]) {
        let meters = topology.meters.filter { $0.source == source.topic }
        change(source.organisation) { $0.take(.organisation) }
        change(source.idempotency.field) { $0.take(.idempotencyKey) }
        change(source.time.field) { $0.take(.time) }
        for (column, field) in traced.enumerated() {
            let isMeasured = meters.contains { $0.field == field && $0.aggregate != .unique }
            change(field) { $0.take(.traced(column: column, isMeasured: isMeasured)) }
        }
        for meter in meters {
            guard let field = meter.field, meter.aggregate != .unique else { continue }
            let isLarge = meters.contains { $0.field == field && $0.aggregate == .max }
            change(field) { $0.take(.measure(isLarge: isLarge)) }
        }
        for meter in meters where meter.aggregate == .unique {
            if let field = meter.field { change(field) { $0.take(.member) } }
        }
        // The key must be there, so this role goes before that of a dimension.
        change(source.key) {
            $0.take(.key)
            $0.isKey = true
        }
        for field in meters.flatMap(\.groupBy) { change(field) { $0.take(.dimension) } }
        for field in source.idempotency.ignoring { change(field) { $0.take(.ignored) } }
        for (slot, field) in slots.enumerated() { change(field) { $0.slot = slot } }
    }

    /// Whether the field, or one inside it, may not be absent.
    var isRequired: Bool { role?.isRequired == true || children.values.contains(where: \.isRequired) }

    private mutating func take(_ role: FieldRole) {
        if self.role == nil { self.role = role }
    }

    private mutating func change(_ path: FieldPath, _ body: (inout FieldNode) -> Void) {
        change(path.names[...], body)
    }

    private mutating func change(_ names: ArraySlice<String>, _ body: (inout FieldNode) -> Void) {
        guard let name = names.first else { return body(&self) }
        children[name, default: FieldNode()].change(names.dropFirst(), body)
    }
}
