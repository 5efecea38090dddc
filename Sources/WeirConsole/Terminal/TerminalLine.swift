// A line of a terminal's screen: text in styles, as wide as it is shown.

internal import WeirCore

package struct TerminalLine: Equatable, Sendable {
    package enum Style: String, Sendable {
        case plain = ""
        case strong = "1"
        case soft = "2"
        case good = "32"
        case warn = "33"
        case bad = "1;31"
    }

    /// Whatever it says, it cannot leave its line or steer the terminal.
    struct Span: Equatable, Sendable {
        let text: String
        let style: Style

        init(_ text: String, _ style: Style = .plain) {
            self.text = Printable.text(text)
            self.style = style
        }

        var width: Int { text.reduce(0) { $0 + Self.width($1) } }

        /// At most so wide; "…" at the end says that there is more.
        func cut(to width: Int) -> Span {
            guard self.width > width else { return self }
            var room = width - 1
            let kept = text.prefix { character in
                room -= Self.width(character)
                return room >= 0
            }
            return Span(width < 1 ? "" : kept + "…", style)
        }

        /// Columns that terminals give a character: two to the wide ones of Unicode's UAX #11.
        private static func width(_ character: Character) -> Int {
            switch character.unicodeScalars.first?.value ?? 0 {
            case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
                0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
                2
            default: 1
            }
        }
    }

    var spans: [Span]

    init(_ spans: [Span]) { self.spans = spans }

    init(_ text: String, _ style: Style = .plain) { spans = [Span(text, style)] }

    var width: Int { spans.reduce(0) { $0 + $1.width } }

    func cut(to width: Int) -> TerminalLine {
        guard self.width > width else { return self }
        var room = width
        var kept: [Span] = []
        for span in spans where room > 0 {
            // The last column is for the mark, if more comes.
            kept.append(span.width < room ? span : Span(span.text + " ", span.style).cut(to: room))
            room -= kept[kept.count - 1].width
        }
        return TerminalLine(kept)
    }

    /// As something that was once so.
    var faded: TerminalLine { TerminalLine(spans.map { Span($0.text, .soft) }) }

    /// Without spaces at the end.
    package func text(inColour: Bool) -> String {
        var spans = spans
        while let last = spans.last, last.text.allSatisfy({ $0 == " " }) { spans.removeLast() }
        if let last = spans.popLast() {
            spans.append(Span(String(last.text.reversed().drop { $0 == " " }.reversed()), last.style))
        }
        return spans.map { span in
            inColour && span.style != .plain ? "\u{1b}[\(span.style.rawValue)m\(span.text)\u{1b}[0m" : span.text
        }.joined()
    }
}
