// YAML text into a ConfigNode; the only place that knows the YAML library.

import Yams

extension ConfigNode {
    /// Nodes in one file at the most. Far above any real file; ends the expansion of nested aliases.
    private static let maximumNodes = 100_000

    /// The file's one document, or nil with the reason added to `findings`.
    package static func parse(yaml: String, into findings: inout ConfigFindings) -> ConfigNode? {
        var text = yaml
        var standIns: [String: String] = [:]
        while true {
            do {
                guard let root = try Yams.compose(yaml: text, .basic, .default, .utf8) else {
                    findings.add(ConfigPosition(line: 1, column: 1), "the file is empty")
                    return nil
                }
                var budget = maximumNodes
                return convert(root, standIns, &budget, &findings)
            } catch YamlError.duplicatedKeysInMapping(let names, let context) {
                // The library stops at the first field given twice. Give one of the two another name
                // of the same length, which the conversion takes back, and read on.
                let standIn = UnicodeScalar(UInt32(0xE000 + standIns.count)) ?? "\u{F8FF}"
                guard standIns.count < 1000, let name = names.min(),
                    let renamed = rename(name, at: ConfigPosition(context.mark), in: text, standIn)
                else {
                    let fields = names.sorted().map { "'\($0)'" }.joined(separator: ", ")
                    findings.add(ConfigPosition(context.mark), "given twice: \(fields)")
                    return nil
                }
                standIns[String(standIn) + String(name.unicodeScalars.dropFirst())] = name
                text = renamed
            } catch {
                let (position, problem) = explain(error, in: text)
                findings.add(position, "not valid YAML: \(problem)")
                return nil
            }
        }
    }

    private static func convert(
        _ node: Node, _ standIns: [String: String], _ budget: inout Int, _ findings: inout ConfigFindings
    ) -> ConfigNode? {
        let position = node.mark.map(ConfigPosition.init) ?? ConfigPosition(line: 1, column: 1)
        budget -= 1
        guard budget > 0 else {
            findings.add(position, "more than \(maximumNodes) values in one file")
            return nil
        }
        switch node {
        case .scalar(let scalar):
            let isQuoted = scalar.style != .plain && scalar.style != .any
            return ConfigNode(content: .scalar(scalar.string, isQuoted: isQuoted), position: position)
        case .sequence(let sequence):
            var items: [ConfigNode] = []
            for item in sequence {
                guard let item = convert(item, standIns, &budget, &findings) else { return nil }
                items.append(item)
            }
            return ConfigNode(content: .list(items), position: position)
        case .mapping(let mapping):
            var fields: [Field] = []
            for (key, value) in mapping {
                let place = key.mark.map(ConfigPosition.init) ?? position
                guard case .scalar(let name) = key else {
                    findings.add(place, "the name of a field must be text")
                    return nil
                }
                guard let value = convert(value, standIns, &budget, &findings) else { return nil }
                fields.append(Field(name: Placed(standIns[name.string] ?? name.string, at: place), value: value))
            }
            return ConfigNode(content: .group(fields), position: position)
        case .alias:
            findings.add(position, "an alias without its anchor")
            return nil
        }
    }

    /// `text` with the first scalar of the field `name` at `position` replaced; nil if it is not there.
    private static func rename(
        _ name: String, at position: ConfigPosition, in text: String, _ standIn: UnicodeScalar
    ) -> String? {
        var scalars = Array(text.unicodeScalars)
        var line = 1
        var index = 0
        while line < position.line, index < scalars.count {
            if scalars[index] == "\n" { line += 1 }
            index += 1
        }
        index += position.column - 1
        if index < scalars.count, scalars[index] == "\"" || scalars[index] == "'" { index += 1 }
        let wanted = Array(name.unicodeScalars)
        guard !wanted.isEmpty, index + wanted.count <= scalars.count,
            Array(scalars[index..<(index + wanted.count)]) == wanted
        else { return nil }
        scalars[index] = standIn
        var result = String.UnicodeScalarView()
        result.append(contentsOf: scalars)
        return String(result)
    }

    private static func explain(_ error: any Error, in text: String) -> (ConfigPosition, String) {
        let start = ConfigPosition(line: 1, column: 1)
        switch error {
        case YamlError.scanner(let context, let problem, let mark, _),
            YamlError.parser(let context, let problem, let mark, _),
            YamlError.composer(let context, let problem, let mark, _):
            let lead = context.map { "\($0.text) from line \($0.mark.line): " } ?? ""
            return (ConfigPosition(mark), lead + problem)
        case YamlError.reader(let problem, let offset, _, _):
            let before = text.prefix(offset ?? 0)
            let line = before.count(where: \.isNewline) + 1
            let column = before.reversed().prefix(while: { !$0.isNewline }).count + 1
            return (ConfigPosition(line: line, column: column), problem)
        default:
            return (start, "\(error)")
        }
    }
}

extension ConfigPosition {
    fileprivate init(_ mark: Mark) { self.init(line: mark.line, column: mark.column) }
}
