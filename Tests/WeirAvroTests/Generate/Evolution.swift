// A reader's schema made from a writer's: most changes are ones that resolution allows, some are not.

import TestSupport

/// Changes schemas as their authors do.
struct Evolution {
    private var maker: ShapeMaker
    private var renamed: [String: String] = [:]
    private var added = 0

    init(random: SeededGenerator) { maker = ShapeMaker(random: random) }

    /// A changed copy. It may name types that are gone, and then is no schema.
    mutating func reader(of writer: Shape) -> Shape { change(writer) }

    private mutating func change(_ shape: Shape) -> Shape {
        switch shape {
        case .plain(let word, let attributes): return wrapped(plain(word, attributes))
        case .fixed(let title, let size, let attributes):
            let title = rename(title)
            return wrapped(maker.flip(20) ? .fixed(title, size + 1) : .fixed(title, size, attributes: attributes))
        case .enumeration(let title, let symbols, let fallback): return enumeration(rename(title), symbols, fallback)
        case .record(let title, let slots):
            let title = rename(title)
            return wrapped(.record(title, fields(slots)))
        case .array(let items): return wrapped(.array(change(items)))
        case .map(let values): return wrapped(.map(change(values)))
        case .union(let branches): return union(branches)
        case .reference(let name): return .reference(renamed[name] ?? name)
        }
    }

    private mutating func plain(_ word: String, _ attributes: String) -> Shape {
        guard attributes.isEmpty, maker.flip(4) else { return .plain(word, attributes: attributes) }
        let wider: [String: [String]] = [
            "int": ["long", "float", "double"], "long": ["float", "double"], "float": ["double"],
            "string": ["bytes"], "bytes": ["string"],
        ]
        if maker.flip(12) { return .plain(maker.pick(["int", "string", "float", "boolean"])) }
        return .plain(wider[word].map { maker.pick($0) } ?? word)
    }

    private mutating func wrapped(_ shape: Shape) -> Shape {
        guard maker.flip(10), let label = ShapeMaker.label(shape) else { return shape }
        var others: [Shape] = ["null", "double", "string"].filter { $0 != label }.map { .plain($0) }
        others = Array(others.prefix(Int.random(in: 0...3, using: &maker.random)))
        others.insert(shape, at: Int.random(in: 0...others.count, using: &maker.random))
        return .union(others)
    }

    private mutating func union(_ branches: [Shape]) -> Shape {
        var changed: [Shape] = []
        var labels: Set<String> = []
        for branch in branches {
            if maker.flip(8) { continue }
            // A branch that became a union is put into this one branch by branch.
            let result = change(branch)
            let parts = if case .union(let inner) = result { inner } else { [result] }
            for part in parts {
                if let label = ShapeMaker.label(part), labels.insert(label).inserted { changed.append(part) }
            }
        }
        if maker.flip(4) { changed.shuffle(using: &maker.random) }
        if changed.count == 1, maker.flip(2) { return changed[0] }
        return .union(changed.isEmpty ? [.plain("null")] : changed)
    }

    private mutating func enumeration(_ title: Shape.Title, _ symbols: [String], _ fallback: String?) -> Shape {
        guard maker.flip(2) else { return wrapped(.enumeration(title, symbols, fallback: fallback)) }
        var changed = symbols.filter { _ in !maker.flip(3) } + ["S8", "S9"].filter { _ in maker.flip(2) }
        changed.shuffle(using: &maker.random)
        if changed.isEmpty { changed = ["S0"] }
        return wrapped(.enumeration(title, changed, fallback: maker.flip(2) ? maker.pick(changed) : nil))
    }

    private mutating func fields(_ slots: [Shape.Slot]) -> [Shape.Slot] {
        var changed: [Shape.Slot] = []
        for slot in slots {
            if maker.flip(8) { continue }
            var field = Shape.Slot(name: slot.name, type: change(slot.type))
            if maker.flip(6) {
                field.aliases = ["gone", slot.name]
                field.name += "x"
            } else if maker.flip(40) {
                field.name += "y"
            }
            if maker.flip(4) { field.fallback = maker.fallback(of: field.type) }
            changed.append(field)
        }
        while maker.flip(3) {
            added += 1
            let type = maker.pick([maker.plain(), .array(maker.plain()), .union([.plain("null"), .plain("string")])])
            let fallback = maker.fallback(of: type)
            if fallback == nil, !maker.flip(20) { continue }
            changed.append(Shape.Slot(name: "new\(added)", type: type, fallback: fallback))
        }
        if maker.flip(3) { changed.shuffle(using: &maker.random) }
        return changed
    }

    private mutating func rename(_ title: Shape.Title) -> Shape.Title {
        guard maker.flip(5) else { return title }
        var changed = title
        switch Int.random(in: 0..<8, using: &maker.random) {
        case 0..<4: changed = Shape.Title(name: "\(title.name)x", aliases: ["old.Gone", title.name])
        case 4..<7 where !title.namespace.isEmpty: changed = Shape.Title(name: "elsewhere.\(title.short)")
        case 4..<7: break
        default: changed = Shape.Title(name: "\(title.name)z")
        }
        renamed[title.name] = changed.name
        return changed
    }
}
