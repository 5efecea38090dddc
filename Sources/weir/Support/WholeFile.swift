// Files that are there whole or not at all.

import Foundation
import WeirCore

enum WholeFile {
    /// Writes beside `path` first, and puts what was there before out of the way only once that is on the disk.
    static func write(_ data: Data, to path: String) throws(WeirError) {
        let temporary = try writeBeside(path, data)
        if rename(temporary, path) != 0 {
            let code = errno
            unlink(temporary)
            throw failure(path, code)
        }
    }

    /// Fails if `write` would: to be asked before the work rather than after it.
    static func check(_ path: String) throws(WeirError) {
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { throw failure(path, EISDIR) }
        // As much as a small report has, for a disk that is full.
        unlink(try writeBeside(path, Data(count: 1 << 16)))
    }

    private static func writeBeside(_ path: String, _ data: Data) throws(WeirError) -> String {
        let temporary = "\(path).\(getpid()).tmp"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw failure(path, errno) }
        var code: Int32 = 0
        data.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while code == 0, !rest.isEmpty {
                let count = Glibc.write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count >= 0 { rest = rest.dropFirst(count) } else if errno != EINTR { code = errno }
            }
        }
        if code == 0, fsync(file) != 0 { code = errno }
        if close(file) != 0, code == 0 { code = errno }
        guard code == 0 else {
            unlink(temporary)
            throw failure(path, code)
        }
        return temporary
    }

    private static func failure(_ path: String, _ code: Int32) -> WeirError {
        WeirError(.usage, "cannot write \(path): \(String(cString: strerror(code)))")
    }
}
