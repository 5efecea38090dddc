// Parsing Canonical Form: a schema's text reduced to what decides how its bytes are read.

extension AvroSchema {
    /// The schema in Parsing Canonical Form (Avro 1.11, "Parsing Canonical Form for Schemas"): full names, no docs,
    /// aliases, defaults, logical types or other attributes, no white space, attributes in a fixed order.
    ///
    /// Equal for schemas whose bytes read alike, whatever they mean: resolution and meaning need the full text.
    public var canonicalForm: String {
        var form = CanonicalForm(schema: self)
        form.write(root)
        return form.text
    }
}

/// Writes types in the order of the schema's text, so that a name is spelt out where it was defined.
private struct CanonicalForm {
    let schema: AvroSchema
    var text = ""
    private var defined: Set<Int> = []

    init(schema: AvroSchema) { self.schema = schema }

    mutating func write(_ index: Int) {
        let node = schema[index]
        if let name = node.name {
            guard defined.insert(index).inserted else {
                text += "\"\(name)\""
                return
            }
            text += #"{"name":"\#(name)","type":"\#(node.kind.word)""#
        }
        switch node.kind {
        case .record(let fields):
            text += #","fields":["#
            list(fields) { form, field in
                form.text += #"{"name":"\#(field.name)","type":"#
                form.write(field.type)
                form.text += "}"
            }
            text += "]}"
        case .enumeration(let symbols, _):
            text += #","symbols":["# + symbols.map { "\"\($0)\"" }.joined(separator: ",") + "]}"
        case .fixed(let size): text += #","size":\#(size)}"#
        case .array(let items):
            text += #"{"type":"array","items":"#
            write(items)
            text += "}"
        case .map(let values):
            text += #"{"type":"map","values":"#
            write(values)
            text += "}"
        case .union(let branches):
            text += "["
            list(branches) { $0.write($1) }
            text += "]"
        default: text += "\"\(node.kind.word)\""
        }
    }

    private mutating func list<Item>(_ items: [Item], _ item: (inout CanonicalForm, Item) -> Void) {
        for (position, value) in items.enumerated() {
            if position > 0 { text += "," }
            item(&self, value)
        }
    }
}
