// Other programs as children of this process: started, watched, told signals, waited for.

internal import CSpawn
@preconcurrency internal import Glibc
internal import Synchronization

/// A child inherits what it is given and nothing else, whatever other threads open or start meanwhile: descriptors from
/// 3 on are closed in the child itself, no signal is blocked or ignored, and its process group is its own, so that
/// Ctrl-C at the terminal passes it by.
///
/// That is why Foundation's `Process` is used nowhere. It hears of a child's end over a socket without FD_CLOEXEC, and
/// has the child close the descriptors that were open some time before: two that start at once may inherit each other's
/// sockets and pipes, and then `waitUntilExit` and a read to a pipe's end last for as long as *both* children live.
///
/// The child is not waited for when the value goes away. A number that has been reaped may be somebody else's soon: it
/// is reaped in here only, and never told a signal afterwards.
package final class ChildProcess: Sendable {
    /// How a process ended.
    package enum End: Equatable, Sendable, CustomStringConvertible {
        case status(Int32)
        case signal(Int32)

        /// As one number: a signal's is negative.
        package var code: Int32 {
            switch self {
            case .status(let number): number
            case .signal(let number): -number
            }
        }

        package var description: String {
            switch self {
            case .status(let number): "exit code \(number)"
            case .signal(let number): "signal \(number)"
            }
        }
    }

    /// What a child has as its standard input, output or errors.
    package enum Stream: Sendable {
        /// /dev/null
        case nothing
        /// This process's own.
        case inherited
        /// Stays open here: whoever waits for a pipe's end has to close it.
        case descriptor(Int32)
    }

    package let id: Int32
    private let known = Mutex<End?>(nil)

    /// - Parameters:
    ///   - program: path, or a name that is looked for on this process's `PATH`.
    ///   - environment: all that it sees; nil for this process's own.
    ///   - directory: where it begins; nil for this process's own.
    package init(
        _ program: String, _ arguments: [String], environment: [String: String]? = nil, directory: String? = nil,
        input: Stream = .nothing, output: Stream = .inherited, errors: Stream = .inherited
    ) throws(WeirError) {
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        var copies: [Int32] = []
        defer { for copy in copies { close(copy) } }
        for (place, stream) in [(0, input), (1, output), (2, errors)] as [(Int32, Stream)] {
            switch stream {
            case .nothing: posix_spawn_file_actions_addopen(&files, place, "/dev/null", O_RDWR, 0)
            case .inherited: break
            case .descriptor(let descriptor):
                // One of the three places may be overwritten before it is its turn.
                let copy = descriptor > 2 ? descriptor : fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
                if copy != descriptor { copies.append(copy) }
                posix_spawn_file_actions_adddup2(&files, copy, place)
            }
        }
        weir_spawn_add_closefrom(&files, 3)
        if let directory { weir_spawn_add_chdir(&files, directory) }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

        let words = Self.copies(of: [program] + arguments)
        let variables = Self.copies(of: (environment ?? [:]).map { "\($0.key)=\($0.value)" })
        defer { for copy in words + variables { free(copy) } }
        var id: pid_t = 0
        let code =
            environment == nil
            ? posix_spawnp(&id, program, &files, &attributes, words, environ)
            : posix_spawnp(&id, program, &files, &attributes, words, variables)
        guard code == 0 else {
            let place = directory.map { " in \($0)" } ?? ""
            throw WeirError(.unavailable, "cannot start \(program)\(place): \(String(cString: strerror(code)))")
        }
        self.id = id
    }

    /// One that has ended is not left behind as a zombie.
    deinit { _ = end }

    /// Nil while it runs.
    package var end: End? { known.withLock { reap(&$0) } }

    package var isRunning: Bool { end == nil }

    /// Does nothing once it has ended.
    package func signal(_ number: Int32) {
        known.withLock { if reap(&$0) == nil { kill(id, number) } }
    }

    /// To its process group: also to what it has started, unless that has a group of its own. Does nothing once the
    /// child itself has ended.
    package func signalGroup(_ number: Int32) {
        known.withLock { if reap(&$0) == nil { kill(-id, number) } }
    }

    /// Waits as long as it takes.
    @discardableResult
    package func wait() -> End {
        while true {
            if let end = wait(milliseconds: 1_000_000) { return end }
        }
    }

    /// Nil if it still runs by then.
    package func wait(milliseconds: Int) -> End? {
        // Asked again and again, less and less often: to sleep in `waitid` another thread must not reap it meanwhile.
        let deadline = ContinuousClock.now + .milliseconds(milliseconds)
        var pause: Int32 = 1
        while true {
            if let end { return end }
            guard ContinuousClock.now < deadline else { return nil }
            poll(nil, 0, pause)
            pause = min(pause * 2, 16)
        }
    }

    private func reap(_ end: inout End?) -> End? {
        if let end { return end }
        var status: Int32 = 0
        var result = waitpid(id, &status, WNOHANG)
        while result < 0, errno == EINTR { result = waitpid(id, &status, WNOHANG) }
        switch result {
        case 0: return nil
        case id: end = status & 0x7f == 0 ? .status(status >> 8 & 0xff) : .signal(status & 0x7f)
        // Whoever started this process had it ignore SIGCHLD: the system tells that a child has gone, and not how.
        default: end = .status(-1)
        }
        return end
    }

    /// As `exec` wants them: ended by a null.
    private static func copies(of strings: [String]) -> [UnsafeMutablePointer<CChar>?] {
        strings.map { strdup($0) } + [nil]
    }
}
