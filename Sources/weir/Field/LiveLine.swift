// A line that shows how a run goes: rewritten in place on a terminal, one every few seconds elsewhere.

import Foundation

struct LiveLine {
    private let isTerminal = isatty(STDOUT_FILENO) == 1
    private let pipedEvery: Double
    private var lastShown = -10.0
    private var isDirty = false

    /// - Parameter pipedEvery: seconds between two lines where output is no terminal.
    init(pipedEvery: Double) { self.pipedEvery = pipedEvery }

    /// Shows what `line` says if it is time to; `line` gets the seconds since it was asked last.
    mutating func show(at elapsed: Double, _ line: (Double) -> String) {
        guard elapsed - lastShown >= (isTerminal ? 0.5 : pipedEvery) else { return }
        let text = line(max(0.001, elapsed - max(0, lastShown)))
        lastShown = elapsed
        if isTerminal {
            write("\r\u{1b}[K" + text)
            isDirty = true
        } else {
            say(text)
        }
    }

    /// Writes a line that stays.
    mutating func note(_ text: String) {
        if isDirty { write("\r\u{1b}[K") }
        isDirty = false
        say(text)
    }

    /// Leaves the live line standing.
    mutating func end() {
        if isDirty { write("\n") }
        isDirty = false
    }

    private func write(_ text: String) { try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8)) }
}
