// Types in words, for people: messages, differences, pages of documentation.

extension AvroSchema {
    /// What a type is: `long (timestamp-micros)`, `null or string`, `array of weir.Source`. Named types by name only.
    public func words(_ node: Int) -> String {
        let type = nodes[node]
        switch type.kind {
        case .union(let branches):
            return branches.isEmpty ? "an empty union" : branches.map(words).joined(separator: " or ")
        case .array(let items): return "array of \(words(items))"
        case .map(let values): return "map of \(words(values))"
        case .fixed(let size): return "\(type.name ?? "fixed") (\(qualities(type, "fixed, \(size) bytes")))"
        case .enumeration: return "\(type.name ?? "") (enum)"
        case .record: return "\(type.name ?? "") (record)"
        default:
            let plain = type.kind.word
            return type.logical == nil ? plain : "\(plain) (\(qualities(type, "")))"
        }
    }

    private func qualities(_ type: Node, _ first: String) -> String {
        var words = first.isEmpty ? [] : [first]
        switch type.logical {
        case nil: break
        case .decimal(let precision, let scale):
            words.append("decimal of \(precision) digits, \(scale) after the point")
        case let logical?: words.append(logical.name)
        }
        return words.joined(separator: ", ")
    }
}
