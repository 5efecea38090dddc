// Writing JSON: on one line for programs, indented for people.

internal import WeirCore

extension JSON {
    /// On one line. A number that JSON cannot write (not a number, infinite) becomes null.
    package var compact: String {
        switch self {
        case .array(let items): "[" + items.map(\.compact).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { JSONText.quoted($0.key) + ":" + $0.value.compact }.joined(separator: ",") + "}"
        default: scalar
        }
    }

    /// Indented by two spaces.
    package func pretty(indent: String = "") -> String {
        let inner = indent + "  "
        switch self {
        case .array(let items) where !items.isEmpty:
            return "[\n" + items.map { inner + $0.pretty(indent: inner) }.joined(separator: ",\n") + "\n\(indent)]"
        case .object(let members) where !members.isEmpty:
            let lines = members.map { "\(inner)\(JSONText.quoted($0.key)): \($0.value.pretty(indent: inner))" }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
        default: return compact
        }
    }

    private var scalar: String {
        switch self {
        case .boolean(let value): String(value)
        case .integer(let value): String(value)
        case .real(let value): value.isFinite ? String(value) : "null"
        case .string(let text): JSONText.quoted(text)
        default: "null"
        }
    }
}

extension JSON: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self = .string(value) }

    package init(_ text: String?) { self = text.map { .string($0) } ?? .null }
    package init(_ number: (some BinaryInteger)?) { self = number.map { .integer(Int64($0)) } ?? .null }
}
