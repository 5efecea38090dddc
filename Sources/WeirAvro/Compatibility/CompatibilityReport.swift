// From pairs of types that do not match to reasons with places.

/// Walks down both schemas along what does not match.
struct CompatibilityReport {
    private typealias Pair = CompatiblePairs.Pair

    private let pairs: CompatiblePairs
    private(set) var found: [Incompatibility] = []
    private var explained: Set<CompatiblePairs.Pair> = []

    init(pairs: CompatiblePairs) { self.pairs = pairs }

    private var reader: AvroSchema { pairs.reader }
    private var writer: AvroSchema { pairs.writer }

    /// - Parameters:
    ///   - path: JSON pointer into the reader's schema.
    ///   - place: the names on the way there.
    mutating func explain(_ pair: CompatiblePairs.Pair, path: String, place: String, depth: Int) {
        guard !pairs.isCompatible(pair), explained.insert(pair).inserted else { return }
        let place = place.isEmpty ? Self.short(reader[pair.reader].name ?? "") : place
        switch (reader[pair.reader].kind, writer[pair.writer].kind) {
        case (.union, .union(let branches)):
            for branch in branches where !pairs.isCompatible(Pair(reader: pair.reader, writer: branch)) {
                explainMissingBranch(Pair(reader: pair.reader, writer: branch), path: path, place: place, depth: depth)
            }
        case (.union, _): explainMissingBranch(pair, path: path, place: place, depth: depth)
        case (_, .union(let branches)):
            for branch in branches {
                explain(Pair(reader: pair.reader, writer: branch), path: path, place: place, depth: depth)
            }
        default: explainPlain(pair, path: path, place: place, depth: depth)
        }
    }

    private mutating func explainMissingBranch(_ pair: CompatiblePairs.Pair, path: String, place: String, depth: Int) {
        guard case .union(let branches) = reader[pair.reader].kind else { return }
        var message = "\(writer.words(pair.writer)) is written, and the union has no branch that reads it"
        // If one branch is meant, what is wrong with it says more.
        let word = writer[pair.writer].kind.word
        let meant = branches.filter { reader[$0].kind.word == word }
        if meant.count == 1, depth < AvroSchema.maximumDepth {
            var inner = CompatibilityReport(pairs: pairs)
            inner.explained = explained
            inner.explain(Pair(reader: meant[0], writer: pair.writer), path: "", place: place, depth: depth + 1)
            if let first = inner.found.first { message += "; \(first.place): \(first.message)" }
        } else {
            message += ": \(reader.words(pair.reader))"
        }
        add(.missingUnionBranch, path, place, message)
    }

    private mutating func explainPlain(_ pair: CompatiblePairs.Pair, path: String, place: String, depth: Int) {
        let (wanted, written) = (reader[pair.reader].kind, writer[pair.writer].kind)
        guard wanted.word == written.word, pairs.hasSameScale(pair) else {
            let message = "\(writer.words(pair.writer)) is written, \(reader.words(pair.reader)) is read"
            return add(.typeMismatch, path, place, message)
        }
        if !pairs.hasSameName(pair) {
            let (old, new) = (writer[pair.writer].name ?? "", reader[pair.reader].name ?? "")
            add(
                .nameMismatch, path + "/name", place,
                "\(written.word) \(old) is written, \(new) is read; if it was renamed, \(old) must be one of its aliases"
            )
        }
        switch (wanted, written) {
        case (.record(let wanted), .record(let written)):
            for (index, source) in CompatiblePairs.sources(of: wanted, among: written).enumerated() {
                let field = wanted[index]
                let (path, place) = ("\(path)/fields/\(index)", place.isEmpty ? field.name : "\(place).\(field.name)")
                if let source {
                    let inner = Pair(reader: field.type, writer: written[source].type)
                    explain(inner, path: path + "/type", place: place, depth: depth + 1)
                } else if field.fallback == nil {
                    add(
                        .readerFieldMissingDefaultValue, path, place,
                        "the field is read, was not written, and has no default")
                }
            }
        case (.enumeration(let known, nil), .enumeration(let written, _)):
            let missing = written.filter { !known.contains($0) }
            guard !missing.isEmpty else { return }
            let words = missing.joined(separator: ", ")
            add(
                .missingEnumSymbols, path + "/symbols", place,
                "\(words) may be written; the enum that is read does not have \(missing.count == 1 ? "it" : "them"), "
                    + "and no default")
        case (.fixed(let size), .fixed(let written)) where size != written:
            add(.fixedSizeMismatch, path + "/size", place, "\(written) bytes are written, \(size) are read")
        case (.array(let items), .array(let written)):
            explain(
                Pair(reader: items, writer: written), path: path + "/items", place: place + "[]", depth: depth + 1)
        case (.map(let values), .map(let written)):
            explain(
                Pair(reader: values, writer: written), path: path + "/values", place: place + "{}", depth: depth + 1)
        default: break
        }
    }

    private mutating func add(_ kind: Incompatibility.Kind, _ path: String, _ place: String, _ message: String) {
        found.append(Incompatibility(kind: kind, path: path.isEmpty ? "/" : path, place: place, message: message))
    }

    private static func short(_ name: String) -> String { name.split(separator: ".").last.map(String.init) ?? "" }
}
