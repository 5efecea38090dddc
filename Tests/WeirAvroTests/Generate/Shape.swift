// A schema as a tree that tests can draw, change, shrink and print.

/// One type of a random schema.
indirect enum Shape {
    /// `attributes` is what else stands in the object: `, "logicalType": "date"`.
    case plain(String, attributes: String = "")
    case fixed(Title, Int, attributes: String = "")
    case enumeration(Title, [String], fallback: String?)
    case record(Title, [Slot])
    case array(Shape)
    case map(Shape)
    case union([Shape])
    /// A named type that stands before, or around this.
    case reference(String)

    /// The full name of a named type.
    struct Title {
        var name: String
        var aliases: [String] = []

        var namespace: String { name.split(separator: ".").dropLast().joined(separator: ".") }
        var short: String { name.split(separator: ".").last.map(String.init) ?? name }
    }

    /// A field of a record.
    struct Slot {
        var name: String
        var aliases: [String] = []
        var type: Shape
        /// JSON text.
        var fallback: String?
    }

    var isNamed: Bool {
        switch self {
        case .fixed, .enumeration, .record, .reference: true
        default: false
        }
    }

    // MARK: Text

    var text: String { text(in: "") }

    /// - Parameter namespace: the one that unqualified names are of here.
    private func text(in namespace: String) -> String {
        switch self {
        case .plain(let word, let attributes):
            return attributes.isEmpty ? "\"\(word)\"" : #"{"type": "\#(word)"\#(attributes)}"#
        case .fixed(let title, let size, let attributes):
            return #"{"type": "fixed", \#(Shape.head(title, namespace)), "size": \#(size)\#(attributes)}"#
        case .enumeration(let title, let symbols, let fallback):
            let list = symbols.map { "\"\($0)\"" }.joined(separator: ", ")
            let end = fallback.map { #", "default": "\#($0)""# } ?? ""
            return #"{"type": "enum", \#(Shape.head(title, namespace)), "symbols": [\#(list)]\#(end)}"#
        case .record(let title, let slots):
            let fields = slots.map { slot in
                let aliases = Shape.list("aliases", slot.aliases)
                let fallback = slot.fallback.map { #", "default": \#($0)"# } ?? ""
                return
                    #"{"name": "\#(slot.name)"\#(aliases), "type": \#(slot.type.text(in: title.namespace))\#(fallback)}"#
            }
            return
                #"{"type": "record", \#(Shape.head(title, namespace)), "fields": [\#(fields.joined(separator: ", "))]}"#
        case .array(let items): return #"{"type": "array", "items": \#(items.text(in: namespace))}"#
        case .map(let values): return #"{"type": "map", "values": \#(values.text(in: namespace))}"#
        case .union(let branches): return "[\(branches.map { $0.text(in: namespace) }.joined(separator: ", "))]"
        case .reference(let name):
            let title = Title(name: name)
            return title.namespace == namespace ? "\"\(title.short)\"" : "\"\(name)\""
        }
    }

    /// Name and namespace in one of the ways that mean the same.
    private static func head(_ title: Title, _ namespace: String) -> String {
        let name =
            if title.namespace == namespace {
                #""name": "\#(title.short)""#
            } else if title.namespace.isEmpty || title.short.count % 2 == 0 {
                #""name": "\#(title.short)", "namespace": "\#(title.namespace)""#
            } else {
                #""name": "\#(title.name)""#
            }
        return name + list("aliases", title.aliases)
    }

    private static func list(_ key: String, _ names: [String]) -> String {
        names.isEmpty ? "" : #", "\#(key)": [\#(names.map { "\"\($0)\"" }.joined(separator: ", "))]"#
    }

    // MARK: Shrinking

    /// Types that are smaller than this one by one step.
    var smaller: [Shape] {
        switch self {
        case .plain(let word, let attributes):
            return attributes.isEmpty ? (word == "null" || word == "int" ? [] : [.plain("int")]) : [.plain(word)]
        case .fixed(let title, let size, let attributes):
            if !attributes.isEmpty { return [.fixed(title, size)] }
            return (size > 1 ? [.fixed(title, 1)] : []) + [.plain("int")]
        case .enumeration(let title, let symbols, let fallback):
            var fewer: [Shape] = [.plain("int")]
            for index in symbols.indices where symbols.count > 1 && symbols[index] != fallback {
                var rest = symbols
                rest.remove(at: index)
                fewer.append(.enumeration(title, rest, fallback: fallback))
            }
            if fallback != nil { fewer.append(.enumeration(title, symbols, fallback: nil)) }
            return fewer
        case .record(let title, let slots):
            var fewer: [Shape] = slots.map(\.type)
            for index in slots.indices {
                var rest = slots
                rest.remove(at: index)
                fewer.append(.record(title, rest))
            }
            for (index, slot) in slots.enumerated() {
                for type in slot.type.smaller {
                    var changed = slots
                    changed[index].type = type
                    fewer.append(.record(title, changed))
                }
                if slot.fallback != nil {
                    var changed = slots
                    changed[index].fallback = nil
                    fewer.append(.record(title, changed))
                }
            }
            return fewer
        case .array(let items): return [items] + items.smaller.map { .array($0) }
        case .map(let values): return [values] + values.smaller.map { .map($0) }
        case .union(let branches):
            var fewer: [Shape] = branches
            for index in branches.indices where branches.count > 1 {
                var rest = branches
                rest.remove(at: index)
                fewer.append(.union(rest))
            }
            for (index, branch) in branches.enumerated() {
                for type in branch.smaller {
                    var changed = branches
                    changed[index] = type
                    fewer.append(.union(changed))
                }
            }
            return fewer
        case .reference: return [.plain("int")]
        }
    }
}
