// A terminal for a program under test, and what the program wrote to it.

import Foundation

/// Used by one thread.
final class PseudoTerminal {
    let process = Process()
    private let ours: Int32
    private let theirs: Int32
    private var read: [UInt8] = []

    struct Unavailable: Error {}

    /// Starts `weir` on it.
    init(columns: UInt16, rows: UInt16, _ arguments: [String], environment: [String: String] = [:]) throws {
        ours = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        // What posix_openpt's companions do; Swift sees neither them nor these numbers of <asm-generic/ioctls.h>.
        let (unlock, askNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
        var lock: Int32 = 0
        var number: Int32 = 0
        guard ours >= 0, ioctl(ours, unlock, &lock) == 0, ioctl(ours, askNumber, &number) == 0 else {
            throw Unavailable()
        }
        theirs = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
        guard theirs >= 0 else { throw Unavailable() }
        resize(columns: columns, rows: rows)
        WeirProcess.prepare(process, arguments)
        process.environment?["TERM"] = "xterm"
        process.environment?["NO_COLOR"] = nil
        process.environment?.merge(environment) { $1 }
        let end = FileHandle(fileDescriptor: theirs, closeOnDealloc: false)
        process.standardInput = end
        process.standardOutput = end
        process.standardError = end
        try process.run()
        Leash.tie(process.processIdentifier)
    }

    deinit {
        if process.isRunning {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        Leash.untie(process.processIdentifier)
        close(ours)
        close(theirs)
    }

    func resize(columns: UInt16, rows: UInt16) {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(ours, UInt(TIOCSWINSZ), &size)
    }

    /// What a person types.
    func type(_ text: String) { _ = Array(text.utf8).withUnsafeBytes { write(ours, $0.baseAddress, $0.count) } }

    /// All that was written so far.
    func text() -> String {
        var descriptor = pollfd(fd: ours, events: Int16(POLLIN), revents: 0)
        var chunk = [UInt8](repeating: 0, count: 4096)
        while poll(&descriptor, 1, 0) > 0 {
            let count = Glibc.read(ours, &chunk, chunk.count)
            guard count > 0 else { break }
            read += chunk[..<count]
        }
        return String(decoding: read, as: UTF8.self)
    }

    /// The last whole screen, without colours.
    func screen() -> String {
        let frames = text().components(separatedBy: "\u{1b}[H").filter { $0.contains("\u{1b}[J") }
        return (frames.last ?? "").replacing(/\u{1b}\[[0-9;?]*[A-Za-z]/, with: "")
    }

    /// Whether what is typed is shown and comes by lines, as a shell wants it.
    var isAsShellsWantIt: Bool {
        var settings = termios()
        let wanted = tcflag_t(ECHO | ICANON)
        return tcgetattr(theirs, &settings) == 0 && settings.c_lflag & wanted == wanted
    }
}
