// Waiting for SIGINT and SIGTERM on the main thread, where an end can be put to everything in order.

import Glibc

enum Signals {
    /// Keeps SIGINT and SIGTERM pending until `wait` takes them. Call it on the main thread before any other
    /// thread starts: threads inherit the mask, and so do child processes (`LifelineProcess` resets it).
    static func block() {
        var set = ending
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// SIGINT or SIGTERM, once one has come.
    static func wait() -> Int32 {
        var set = ending
        while true {
            let signal = sigwaitinfo(&set, nil)
            if signal > 0 { return signal }
        }
    }

    /// SIGINT or SIGTERM, or nil if none comes within the time.
    static func wait(milliseconds: Int) -> Int32? {
        var set = ending
        let deadline = ContinuousClock.now + .milliseconds(milliseconds)
        while true {
            let (seconds, attoseconds) = max(.zero, deadline - .now).components
            var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
            let signal = sigtimedwait(&set, nil, &time)
            if signal > 0 { return signal }
            // A signal that is not waited for, say SIGCHLD with a handler, ends the wait early.
            if errno != EINTR { return nil }
        }
    }

    private static var ending: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGINT)
        sigaddset(&set, SIGTERM)
        return set
    }
}
