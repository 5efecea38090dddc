// Waiting for SIGINT, SIGTERM and SIGHUP on the main thread, where an end can be put to everything in order.

import Glibc

enum Signals {
    /// Keeps SIGINT, SIGTERM and SIGHUP (the terminal was closed) pending until `wait` takes them. Call it on the main thread before any other
    /// thread starts: threads inherit the mask. Child processes do not (`ChildProcess`).
    static func block() {
        var set = ending
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// The signal that asks to end, once one has come.
    static func wait() -> Int32 {
        var set = ending
        while true {
            let signal = sigwaitinfo(&set, nil)
            if signal > 0 { return signal }
        }
    }

    /// The signal that asks to end, or nil if none comes within the time.
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
        // Blocked, a signal that is ignored would be kept all the same: nohup's has to stay ignored.
        if !isIgnored(SIGHUP) { sigaddset(&set, SIGHUP) }
        return set
    }

    private static func isIgnored(_ signal: Int32) -> Bool {
        var action = sigaction()
        return sigaction(signal, nil, &action) == 0
            && unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
                == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
