// A table that is drawn again in place on a terminal, and below the one before elsewhere.

import Foundation

struct LagScreen {
    private let isTerminal = isatty(STDOUT_FILENO) == 1
    private(set) var hasShown = false

    mutating func show(_ lines: [String]) {
        hasShown = true
        guard isTerminal else {
            for line in lines { say(line) }
            return say()
        }
        var size = winsize()
        let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_row > 2
        let rows = isKnown ? Int(size.ws_row) - 1 : lines.count
        let columns = isKnown ? Int(size.ws_col) : .max
        var shown = lines.prefix(rows).map { String($0.prefix(columns)) }
        if lines.count > rows {
            shown[rows - 1] = "… \(lines.count - rows + 1) more lines; choose with --group or --topic"
        }
        // To the top left, each line cleared behind its end, and what is left below: less flicker than clearing all.
        let text = "\u{1b}[H" + shown.map { $0 + "\u{1b}[K\n" }.joined() + "\u{1b}[J"
        try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }
}
