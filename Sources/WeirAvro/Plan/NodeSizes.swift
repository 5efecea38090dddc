// The least number of bytes that a value of each type takes, which bounds block counts.

/// Sizes of a schema's nodes, worked out as they are asked for.
struct NodeSizes {
    private enum Entry {
        case unknown
        /// Being worked out: met again only inside itself, where 0 is a safe lower bound.
        case open
        case known(least: Int, isEmpty: Bool)
    }

    private let schema: AvroSchema
    private var entries: [Entry]
    /// Sizes are capped here, so that sums of them do not overflow.
    private static let cap = Int(Int32.max)

    init(schema: AvroSchema) {
        self.schema = schema
        entries = Array(repeating: .unknown, count: schema.nodes.count)
    }

    /// No value of the type is shorter than this.
    mutating func least(_ node: Int) -> Int { size(node).least }

    /// True if every value of the type takes no bytes at all.
    mutating func isEmpty(_ node: Int) -> Bool { size(node).isEmpty }

    private mutating func size(_ node: Int) -> (least: Int, isEmpty: Bool) {
        switch entries[node] {
        case .known(let least, let isEmpty): return (least, isEmpty)
        case .open: return (0, false)
        case .unknown: entries[node] = .open
        }
        var least = 0
        var isEmpty = false
        switch schema[node].kind {
        case .null: isEmpty = true
        case .boolean, .int, .long, .bytes, .string, .enumeration, .array, .map: least = 1
        case .float: least = 4
        case .double: least = 8
        case .fixed(let size):
            least = size
            isEmpty = size == 0
        case .record(let fields):
            isEmpty = true
            for field in fields {
                let inner = size(field.type)
                least = min(least + inner.least, NodeSizes.cap)
                isEmpty = isEmpty && inner.isEmpty
            }
        case .union(let branches):
            var shortest = NodeSizes.cap
            for branch in branches { shortest = min(shortest, size(branch).least) }
            least = min(1 + shortest, NodeSizes.cap)
        }
        entries[node] = .known(least: least, isEmpty: isEmpty)
        return (least, isEmpty)
    }
}
