// Values of fields that no meter looks at: anything that the schema allows.

import WeirAvro

/// A leaf without a role.
enum ArbitraryValue {
    /// One of some encoded values.
    case pool([[UInt8]])
    case uuid
    case boolean
    case number(limit: Int64)
    case millis
    case micros
    case date
    case float
    case double
    /// So many, or a few.
    case bytes(Int?)
    case fixed(Int)
    case decimal(limit: Int64, size: Int?)

    /// Nil if the node is no leaf.
    ///
    /// - Parameter size: of strings and bytes, in bytes; nil for short ones.
    init?(_ node: AvroSchema.Node, name: String, size: Int?) {
        switch (node.kind, node.logical) {
        case (.null, _): self = .pool([[]])
        case (.boolean, _): self = .boolean
        case (.int, .date): self = .date
        case (.int, .timeMillis): self = .number(limit: 86_399_999)
        case (.long, .timeMicros): self = .number(limit: 86_399_999_999)
        case (.long, .timestampMillis), (.long, .localTimestampMillis): self = .millis
        case (.long, .timestampMicros), (.long, .localTimestampMicros): self = .micros
        case (.int, _), (.long, _): self = .number(limit: 100_000)
        case (.float, _): self = .float
        case (.double, _): self = .double
        case (.bytes, .decimal(let precision, _)): self = .decimal(limit: LeafType.limit(precision), size: nil)
        case (.fixed(let size), .decimal(let precision, _)):
            self = .decimal(limit: LeafType.limit(precision), size: size)
        case (.bytes, _): self = .bytes(size)
        case (.fixed(let size), _): self = .fixed(size)
        case (.string, .uuid): self = .uuid
        case (.string, _): self = .pool(ArbitraryValue.texts(name, size: size))
        case (.enumeration(let symbols, _), _):
            self = .pool(symbols.indices.map { index in ArbitraryValue.encoded { $0.writeEnum(index) } })
        default: return nil
        }
    }

    /// `project_id` → project-1 and so on, and one with letters beyond ASCII.
    private static func texts(_ name: String, size: Int?) -> [[UInt8]] {
        let stem = name.hasSuffix("_id") ? String(name.dropLast(3)) : name
        let texts = (1...19).map { "\(stem)-\($0)" } + ["\(stem)-größe-値"]
        return texts.map { text in
            let filling = String(repeating: "~", count: max(0, (size ?? 0) - text.utf8.count))
            return encoded { $0.writeString(text + filling) }
        }
    }

    private static func encoded(_ body: (inout AvroWriter) -> Void) -> [UInt8] {
        var writer = AvroWriter()
        body(&writer)
        return writer.bytes
    }
}
