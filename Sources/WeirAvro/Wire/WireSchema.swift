// How a record says which schema it was written with.

/// The name of a schema on the wire.
public enum WireSchema: Hashable, Sendable {
    /// The id in the five bytes before the body.
    case id(Int32)
    /// The GUID in the header of newer Confluent clients; the body then stands alone.
    case guid(SchemaGUID)
}

extension WireSchema: Comparable, CustomStringConvertible {
    public static func < (a: WireSchema, b: WireSchema) -> Bool {
        switch (a, b) {
        case (.id(let a), .id(let b)): a < b
        case (.guid(let a), .guid(let b)): (a.high, a.low) < (b.high, b.low)
        case (.id, .guid): true
        case (.guid, .id): false
        }
    }

    public var description: String {
        switch self {
        case .id(let id): "schema id \(id)"
        case .guid(let guid): "schema GUID \(guid)"
        }
    }
}

/// The registry's other name of a schema: the same in every registry that holds it.
public struct SchemaGUID: Hashable, Sendable {
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// `89791762-2336-186f-9674-99b90a8e2d3a`, with or without hyphens.
    public init?(_ text: String) {
        let digits = text.filter { $0 != "-" }
        guard digits.utf8.count == 32, digits.allSatisfy(\.isHexDigit), let high = UInt64(digits.prefix(16), radix: 16),
            let low = UInt64(digits.suffix(16), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }
}

extension SchemaGUID: CustomStringConvertible {
    public var description: String {
        func hex(_ value: UInt64) -> String {
            let digits = String(value, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        let all = hex(high) + hex(low)
        var parts: [Substring] = []
        var rest = all[...]
        for count in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return parts.joined(separator: "-")
    }
}

extension WireSchema {
    /// The header that Confluent's header serializers put a value's schema into
    /// (confluent-kafka 2.10 and later, `HeaderSchemaIdSerializer`).
    public static let header = "__value_schema_id"

    /// What the header holds: 1 and a GUID of sixteen bytes, or 0 and an id of four. Nil for anything else.
    public init?(header bytes: some Collection<UInt8>) {
        func number(_ bytes: some Collection<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        switch (bytes.first, bytes.count) {
        case (0, 5): self = .id(Int32(truncatingIfNeeded: number(bytes.dropFirst())))
        case (1, 17):
            self = .guid(SchemaGUID(high: number(bytes.dropFirst().prefix(8)), low: number(bytes.dropFirst(9))))
        default: return nil
        }
    }
}
