// A terminal for a program under test, and what the program wrote to it.

import Foundation
import TestSupport
import WeirCore

/// Used by one thread.
final class PseudoTerminal {
    let process: ChildProcess
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
        Self.resize(ours, columns: columns, rows: rows)
        var variables = WeirProcess.environment.merging(["TERM": "xterm"]) { $1 }
        variables["NO_COLOR"] = nil
        let end = ChildProcess.Stream.descriptor(theirs)
        process = try ChildProcess(
            WeirProcess.program, arguments, environment: variables.merging(environment) { $1 },
            directory: Repository.root.path, input: end, output: end, errors: end)
        Leash.tie(process)
    }

    deinit {
        Leash.end(process)
        close(ours)
        close(theirs)
    }

    func resize(columns: UInt16, rows: UInt16) { Self.resize(ours, columns: columns, rows: rows) }

    private static func resize(_ terminal: Int32, columns: UInt16, rows: UInt16) {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(terminal, UInt(TIOCSWINSZ), &size)
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
