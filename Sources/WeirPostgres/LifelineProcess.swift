// A child process that cannot outlive this one, however this one ends.

internal import Glibc
internal import WeirCore

/// The child's standard input is a socket that nobody writes to. It closes at `stop`, and the kernel closes it
/// when this process exits, crashes or is killed: end of file tells the child to clean up and go.
///
/// `PR_SET_PDEATHSIG` alone would not do: it fires when the *thread* that started the child ends, and the
/// threads of Swift's pool come and go.
struct LifelineProcess: ~Copyable {
    private let process: pid_t
    private let lifeline: Int32
    private let log: Int32

    /// Runs a `/bin/sh` script in a process group of its own, so that Ctrl-C at the terminal passes it by.
    ///
    /// - Parameters:
    ///   - environment: all that the script sees, `NAME=value`.
    ///   - log: file that its output goes to.
    init(script: String, environment: [String], log path: String) throws(WeirError) {
        let log = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard log >= 0 else { throw Self.failure("cannot write \(path)", errno) }
        // Not a pipe: only a socket can have FD_CLOEXEC from the first moment, before another thread starts a
        // process that would inherit, and so hold, the other end.
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            let code = errno
            close(log)
            throw Self.failure("cannot make a socket pair", code)
        }

        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        posix_spawn_file_actions_adddup2(&files, ends[0], 0)
        posix_spawn_file_actions_adddup2(&files, log, 1)
        posix_spawn_file_actions_adddup2(&files, log, 2)
        // Sockets and files of this process that lack FD_CLOEXEC are none of the child's business.
        for descriptor in Self.openDescriptors() where descriptor > 2 {
            posix_spawn_file_actions_addclose(&files, descriptor)
        }
        // A command blocks SIGINT and SIGTERM and ignores SIGPIPE; a child would inherit both.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

        let arguments = Self.copies(of: ["sh", "-c", script])
        let variables = Self.copies(of: environment)
        var process: pid_t = 0
        let code = posix_spawn(&process, "/bin/sh", &files, &attributes, arguments, variables)
        for copy in arguments + variables { free(copy) }
        posix_spawn_file_actions_destroy(&files)
        posix_spawnattr_destroy(&attributes)
        close(ends[0])
        guard code == 0 else {
            close(ends[1])
            close(log)
            throw Self.failure("cannot start /bin/sh", code)
        }
        self.process = process
        lifeline = ends[1]
        self.log = log
    }

    deinit {
        close(lifeline)
        // Far more than it should need; past it the child is killed.
        if !waitForEnd(milliseconds: 30_000) {
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
        }
        close(log)
    }

    /// Tells the child to end and waits until it has.
    consuming func stop() {}

    var hasEnded: Bool {
        // WNOWAIT leaves the exit status for whoever waits next.
        var information = siginfo_t()
        return waitid(P_PID, id_t(process), &information, WEXITED | WNOHANG | WNOWAIT) == 0
            && information.si_signo != 0
    }

    /// What the child wrote last; still there when the file's folder is not.
    var lastOutput: String {
        let size = lseek(log, 0, SEEK_END)
        let start = max(0, size - 2_000)
        var bytes = [UInt8](repeating: 0, count: Int(size - start))
        let count = pread(log, &bytes, bytes.count, start)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    private func waitForEnd(milliseconds: Int) -> Bool {
        let deadline = Self.now() + milliseconds
        while true {
            let ended = waitpid(process, nil, WNOHANG)
            if ended == process || (ended < 0 && errno != EINTR) { return true }
            guard Self.now() < deadline else { return false }
            poll(nil, 0, 5)
        }
    }

    /// As `exec` wants them: ended by a null.
    private static func copies(of strings: [String]) -> [UnsafeMutablePointer<CChar>?] {
        strings.map { strdup($0) } + [nil]
    }

    private static func openDescriptors() -> [Int32] {
        guard let folder = opendir("/proc/self/fd") else { return [] }
        defer { closedir(folder) }
        var descriptors: [Int32] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let descriptor = Int32(name) { descriptors.append(descriptor) }
        }
        return descriptors
    }

    /// Milliseconds of the monotonic clock.
    private static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
    }

    private static func failure(_ what: String, _ code: Int32) -> WeirError {
        WeirError(.unavailable, "\(what): \(String(cString: strerror(code)))")
    }
}
