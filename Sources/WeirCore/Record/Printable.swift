// Text from strangers, made safe for a terminal and a line.

package enum Printable {
    /// Line breaks, escape sequences and marks that turn the direction of writing are spelt out: `\u{1b}`.
    package static func text(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse:
                result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Text if the bytes are that, and hexadecimal otherwise.
    package static func bytes(_ bytes: [UInt8]) -> String {
        if let text = String(validating: bytes, as: UTF8.self), !text.isEmpty { return Self.text(text) }
        return bytes.isEmpty ? "(empty)" : Hex.text(bytes)
    }

    /// At most so many characters, the last of which says that there are more.
    package static func shortened(_ text: String, to width: Int) -> String {
        text.count <= width ? text : text.prefix(width - 1) + "…"
    }
}
