// Whether standard input has come to its end, without waiting for it.

import Glibc

enum StandardInput {
    /// True at the end of a file or once a pipe's other end is closed. Anything typed meanwhile is read and dropped.
    static var hasEnded: Bool {
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, 0) > 0 else { return false }
        var bytes = [UInt8](repeating: 0, count: 256)
        return read(STDIN_FILENO, &bytes, bytes.count) <= 0
    }
}
