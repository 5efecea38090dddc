// A parsed Avro schema: a flat array of nodes that name one another by index.

/// An Avro schema, immutable once read.
///
/// Nodes refer to others by index into `nodes`, so recursive types need no references and the whole
/// is a plain value. Invariants: every index is in range; a type's name belongs to one node; every
/// default is valid for the type of its field.
public struct AvroSchema: Sendable {
    /// Schemas nested deeper than this are refused.
    public static let maximumDepth = 64
    /// Types in one schema at the most, names of types included.
    public static let maximumNodes = 65_536
    /// Bytes of a schema's text at the most.
    public static let maximumText = 4 << 20

    public let nodes: [Node]
    /// Index of the schema's outermost type.
    public let root: Int
    /// File or subject the text came from, for messages.
    public let source: String
    /// The text as it was read.
    public let text: String

    /// - Parameters:
    ///   - text: the schema's JSON.
    ///   - source: what errors call the text: a file's path, or a subject and version.
    public init(parsing text: String, source: String) throws(SchemaError) {
        guard text.utf8.count <= AvroSchema.maximumText else {
            throw SchemaError("\(source): a schema of more than \(AvroSchema.maximumText) bytes")
        }
        var parser = SchemaParser(source: source)
        root = try parser.parse(try JSON(parsing: text, source: source))
        nodes = parser.nodes
        self.source = source
        self.text = text
    }

    public subscript(index: Int) -> Node { nodes[index] }
}
