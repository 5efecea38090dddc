// Random schemas.

import TestSupport

/// Draws schemas of records.
struct ShapeMaker {
    var random: SeededGenerator
    private var names = 0
    /// Records around what is drawn now, which may refer to them behind a union, an array or a map.
    private var open: [String] = []
    /// Enums and fixeds that are complete.
    private var done: [String] = []

    /// Namespaces of its names: none at all, or no name without one. Not all implementations know a way to name a
    /// type without a namespace inside one with.
    private var namespaces = [""]

    init(random: SeededGenerator) {
        self.random = random
        if flip(2) { namespaces = ["a.", "a.b.", "c."] }
    }

    mutating func flip(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }

    mutating func pick<Item>(_ items: [Item]) -> Item { items[Int.random(in: items.indices, using: &random)] }

    private mutating func title(_ prefix: String) -> Shape.Title {
        names += 1
        return Shape.Title(name: pick(namespaces) + "\(prefix)\(names)")
    }

    mutating func record(depth: Int = 0) -> Shape {
        let own = title("R")
        open.append(own.name)
        defer { open.removeLast() }
        let slots = (0..<Int.random(in: depth == 0 ? 1...7 : 0...4, using: &random)).map { index in
            let type = type(depth: depth + 1)
            return Shape.Slot(name: "f\(index)", type: type, fallback: flip(4) ? fallback(of: type) : nil)
        }
        return .record(own, slots)
    }

    mutating func type(depth: Int) -> Shape {
        switch Int.random(in: 0..<(depth > 4 ? 13 : 20), using: &random) {
        case 0..<10: return plain()
        case 10: return enumeration()
        case 11: return fixed()
        case 12: return done.isEmpty ? plain() : .reference(pick(done))
        case 13, 14: return .array(behind(depth: depth))
        case 15: return .map(behind(depth: depth))
        case 16, 17, 18: return union(depth: depth)
        default: return record(depth: depth + 1)
        }
    }

    /// A type that need not have a value, so that it may be the record itself.
    private mutating func behind(depth: Int) -> Shape { flip(8) ? .reference(pick(open)) : type(depth: depth + 1) }

    mutating func plain() -> Shape {
        let word = pick([
            "null", "boolean", "int", "long", "float", "double", "bytes", "string", "string", "long",
        ])
        guard flip(3) else { return .plain(word) }
        switch word {
        case "int": return .plain(word, attributes: #", "logicalType": "\#(pick(["date", "time-millis", "odd"]))""#)
        case "long":
            let logical = pick([
                "time-micros", "timestamp-millis", "timestamp-micros", "local-timestamp-millis",
                "local-timestamp-micros", "date",
            ])
            return .plain(word, attributes: #", "logicalType": "\#(logical)""#)
        case "bytes":
            return .plain(word, attributes: #", "logicalType": "decimal", "precision": 20, "scale": \#(pick([0, 3]))"#)
        case "string": return .plain(word, attributes: #", "logicalType": "uuid""#)
        default: return .plain(word)
        }
    }

    mutating func enumeration() -> Shape {
        let own = title("E")
        done.append(own.name)
        let symbols = (0..<Int.random(in: 1...5, using: &random)).map { "S\($0)" }
        return .enumeration(own, symbols, fallback: flip(3) ? pick(symbols) : nil)
    }

    mutating func fixed() -> Shape {
        let own = title("F")
        done.append(own.name)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return .fixed(own, 12, attributes: #", "logicalType": "duration""#)
        case 1: return .fixed(own, 10, attributes: #", "logicalType": "decimal", "precision": 20, "scale": 4"#)
        default: return .fixed(own, Int.random(in: 1...20, using: &random))
        }
    }

    private mutating func union(depth: Int) -> Shape {
        var branches: [Shape] = []
        var labels: Set<String> = []
        func add(_ branch: Shape) {
            guard let label = ShapeMaker.label(branch), labels.insert(label).inserted else { return }
            branches.append(branch)
        }
        if flip(2) { add(.plain("null")) }
        for _ in 0..<(flip(3) ? Int.random(in: 2...5, using: &random) : 1) {
            // With null or another type beside it, a record may hold itself.
            add(branches.isEmpty ? type(depth: depth + 1) : behind(depth: depth))
        }
        return .union(branches.isEmpty ? [.plain("null")] : branches)
    }

    /// What must not be twice in a union; nil for what may not be in one at all.
    static func label(_ branch: Shape) -> String? {
        switch branch {
        case .plain(let word, _): word
        case .array: "array"
        case .map: "map"
        case .union: nil
        case .reference(let name): name
        case .fixed(let title, _, _), .enumeration(let title, _, _), .record(let title, _): title.name
        }
    }

    // MARK: Defaults

    /// A default in JSON that every implementation understands alike; nil where there is none.
    mutating func fallback(of shape: Shape) -> String? {
        switch shape {
        case .plain("null", _): return "null"
        case .plain("boolean", _): return pick(["true", "false"])
        case .plain("int", _), .plain("long", _): return pick(["0", "-7", "2147483647"])
        case .plain("float", _), .plain("double", _): return pick(["0.5", "-1024.25"])
        case .plain("string", let attributes): return attributes.isEmpty ? pick(["\"\"", "\"tést\""]) : nil
        case .plain: return nil
        case .fixed, .reference: return nil
        case .enumeration(_, let symbols, _): return "\"\(pick(symbols))\""
        case .array: return "[]"
        case .map: return "{}"
        case .union(let branches): return branches.first.flatMap { fallback(of: $0) }
        case .record(_, let slots):
            var members: [String] = []
            for slot in slots {
                guard let value = fallback(of: slot.type) else { return nil }
                members.append("\"\(slot.name)\": \(value)")
            }
            return "{\(members.joined(separator: ", "))}"
        }
    }
}
