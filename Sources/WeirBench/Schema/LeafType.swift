// How values of a field with a role stand in a record.

import WeirAvro

/// The types that fields with roles may have.
enum LeafType: Equatable {
    /// String or bytes: their encodings are alike.
    case text
    case uuid
    case fixed(size: Int)
    case symbols([String])
    case boolean
    /// Int or long with the largest number to write.
    case number(limit: Int64)
    case millis
    case micros
    /// The largest unscaled number, the digits after the point, and the size of a fixed.
    case decimal(limit: Int64, scale: Int, size: Int?)

    init?(_ node: AvroSchema.Node) {
        switch (node.kind, node.logical) {
        case (.bytes, .decimal(let precision, let scale)):
            self = .decimal(limit: LeafType.limit(precision), scale: scale, size: nil)
        case (.fixed(let size), .decimal(let precision, let scale)):
            self = .decimal(limit: LeafType.limit(precision), scale: scale, size: size)
        case (.string, .uuid): self = .uuid
        case (.string, _), (.bytes, _): self = .text
        case (.fixed(let size), _): self = .fixed(size: size)
        case (.enumeration(let symbols, _), _): self = .symbols(symbols)
        case (.boolean, _): self = .boolean
        case (.long, .timestampMillis): self = .millis
        case (.long, .timestampMicros): self = .micros
        case (.int, .date): self = .number(limit: 50_000)
        case (.int, .timeMillis): self = .number(limit: 86_399_999)
        case (.long, .timeMicros): self = .number(limit: 86_399_999_999)
        case (.int, _): self = .number(limit: Int64(Int32.max))
        case (.long, _): self = .number(limit: 1 << 60)
        default: return nil
        }
    }

    /// Numbers of more digits than 18 are not made: they need not fit 64 bits.
    static func limit(_ precision: Int) -> Int64 {
        (0..<min(precision, 18)).reduce(Int64(1)) { power, _ in power * 10 } - 1
    }
}
