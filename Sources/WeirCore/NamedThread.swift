// Threads that operators can tell apart.

internal import Foundation

package enum NamedThread {
    /// Starts a thread that `top -H` and `perf` show by its name, of which Linux keeps 15 bytes. Foundation sets a name
    /// only where Foundation itself shows it.
    ///
    /// - Parameter stackSize: in bytes; nil for the platform's default.
    package static func start(_ name: String, stackSize: Int? = nil, _ work: @escaping @Sendable () -> Void) {
        let thread = Thread {
            // What pthread_setname_np(3) does, which Swift does not see.
            try? Data(name.utf8.prefix(15)).write(to: URL(filePath: "/proc/thread-self/comm"))
            work()
        }
        if let stackSize { thread.stackSize = stackSize }
        thread.start()
    }
}
