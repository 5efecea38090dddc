// A terminal as a screen that is drawn again and again, and given back as it was.

import Foundation

/// On the alternate screen, so that what stood there before stands there afterwards. Keys are not echoed.
struct TerminalScreen {
    private let before: termios?

    /// Standard output is a terminal that can be steered.
    static var isPossible: Bool {
        isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    }

    /// As https://no-color.org has it.
    static var hasColour: Bool { isPossible && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty }

    /// Nil if standard output is no terminal, or does not know.
    static var size: (columns: Int, rows: Int)? {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return nil }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    init() {
        var settings = termios()
        if tcgetattr(STDIN_FILENO, &settings) == 0 {
            before = settings
            settings.c_lflag &= ~tcflag_t(ECHO | ICANON)
            tcsetattr(STDIN_FILENO, TCSANOW, &settings)
        } else {
            before = nil
        }
        // Stopped in the middle, it would leave the shell a screen that is not the shell's.
        signal(SIGTSTP, SIG_IGN)
        write("\u{1b}[?1049h\u{1b}[?25l")
    }

    func leave() {
        write("\u{1b}[?25h\u{1b}[?1049l")
        if var before { tcsetattr(STDIN_FILENO, TCSANOW, &before) }
    }

    /// - Parameter lines: at most as many as the screen has.
    func show(_ lines: [String]) {
        // To the top left, each line cleared behind its end, and what is left below: less flicker than clearing all.
        write("\u{1b}[H" + lines.map { $0 + "\u{1b}[K" }.joined(separator: "\n") + "\u{1b}[J")
    }

    /// Keys that were pressed since the last time, without waiting for any.
    func takeKeys() -> [UInt8] {
        guard before != nil else { return [] }
        var keys: [UInt8] = []
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        var chunk = [UInt8](repeating: 0, count: 64)
        while poll(&descriptor, 1, 0) > 0 {
            let count = read(STDIN_FILENO, &chunk, chunk.count)
            guard count > 0 else { break }
            keys += chunk[..<count]
        }
        return keys
    }

    private func write(_ text: String) { try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8)) }
}
