// A child process that cannot outlive this one, however this one ends.

internal import Glibc
internal import WeirCore

/// The child's standard input is a socket that nobody writes to. It closes at `stop`, and the kernel closes it
/// when this process exits, crashes or is killed: end of file tells the child to clean up and go.
///
/// `PR_SET_PDEATHSIG` alone would not do: it fires when the *thread* that started the child ends, and the
/// threads of Swift's pool come and go.
struct LifelineProcess: ~Copyable {
    private let process: ChildProcess
    private let lifeline: Int32
    private let log: Int32

    /// Runs a `/bin/sh` script.
    ///
    /// - Parameters:
    ///   - environment: all that the script sees.
    ///   - log: file that its output goes to.
    init(script: String, environment: [String: String], log path: String) throws(WeirError) {
        let log = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard log >= 0 else { throw Self.failure("cannot write \(path)", errno) }
        // Not a pipe: only a socket can have FD_CLOEXEC from the first moment, before another thread starts a
        // process, in whatever way, that would inherit, and so hold, the other end.
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            let code = errno
            close(log)
            throw Self.failure("cannot make a socket pair", code)
        }
        defer { close(ends[0]) }
        let process: ChildProcess
        do throws(WeirError) {
            process = try ChildProcess(
                "/bin/sh", ["-c", script], environment: environment, input: .descriptor(ends[0]),
                output: .descriptor(log), errors: .descriptor(log))
        } catch {
            close(ends[1])
            close(log)
            throw error
        }
        self.process = process
        lifeline = ends[1]
        self.log = log
    }

    deinit {
        close(lifeline)
        // Far more than it should need; past it the child is killed.
        if process.wait(milliseconds: 30_000) == nil {
            process.signal(SIGKILL)
            process.wait()
        }
        close(log)
    }

    /// Tells the child to end and waits until it has.
    consuming func stop() {}

    var hasEnded: Bool { !process.isRunning }

    /// What the child wrote last; still there when the file's folder is not.
    var lastOutput: String {
        let size = lseek(log, 0, SEEK_END)
        let start = max(0, size - 2_000)
        var bytes = [UInt8](repeating: 0, count: Int(size - start))
        let count = pread(log, &bytes, bytes.count, start)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    private static func failure(_ what: String, _ code: Int32) -> WeirError {
        WeirError(.unavailable, "\(what): \(String(cString: strerror(code)))")
    }
}
