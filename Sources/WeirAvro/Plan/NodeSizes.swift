// The least number of bytes that a value of each type takes, which bounds block counts.

/// Sizes of a schema's nodes: lower bounds, and exact wherever types do not stand in one another in unusual ways.
struct NodeSizes {
    /// No value of the type is shorter than this.
    private(set) var least: [Int]
    /// True only if every value of the type takes no bytes at all.
    private(set) var isEmpty: [Bool]

    /// Sizes are capped here, so that sums of them do not overflow.
    private static let cap = Int(Int32.max)

    /// Sizes grow from nothing, pass by pass, up to what they are; where that takes more passes, what they have grown
    /// to is still a bound. A type's parts come after it in the text, those that it names before: hence both ways.
    init(schema: AvroSchema) {
        least = Array(repeating: 0, count: schema.nodes.count)
        isEmpty = Array(repeating: false, count: schema.nodes.count)
        for _ in 0..<2 {
            for node in schema.nodes.indices.reversed() { update(node, schema[node].kind) }
            for node in schema.nodes.indices { update(node, schema[node].kind) }
        }
    }

    private mutating func update(_ node: Int, _ kind: AvroSchema.Kind) {
        switch kind {
        case .null: isEmpty[node] = true
        case .boolean, .int, .long, .bytes, .string, .enumeration, .array, .map: least[node] = 1
        case .float: least[node] = 4
        case .double: least[node] = 8
        case .fixed(let size):
            least[node] = size
            isEmpty[node] = size == 0
        case .record(let fields):
            least[node] = fields.reduce(0) { min($0 + least[$1.type], NodeSizes.cap) }
            isEmpty[node] = fields.allSatisfy { isEmpty[$0.type] }
        case .union(let branches):
            least[node] = min(1 + (branches.map { least[$0] }.min() ?? NodeSizes.cap), NodeSizes.cap)
        }
    }
}
