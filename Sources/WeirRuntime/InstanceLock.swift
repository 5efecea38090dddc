// A name in the group that a restarted worker finds again: static membership (KIP-345) without configuration.

internal import Glibc
internal import WeirCore

/// Workers of one group on one host take the lowest number that no living process holds, by a lock on a file that
/// the kernel drops however the process ends. A worker that is started again within the session time-out is
/// the same member then: its partitions come back at once, and nobody else's move.
final class InstanceLock {
    let name: String
    private let descriptor: Int32

    /// - Throws: `WeirError` if no lock file can be made.
    init(host: String, group: String) throws(WeirError) {
        let folder = Self.folder
        _ = mkdir(folder, 0o700)
        for number in 0..<1024 {
            let path = "\(folder)/\(group).\(number).lock"
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else {
                throw WeirError(
                    .unavailable, "cannot make \(path): \(String(cString: strerror(errno)))",
                    advice: """
                        The file numbers the members of group \(group) on this host. Make the folder writable, set \
                        XDG_RUNTIME_DIR, or name the member: --kafka group.instance.id=NAME (without a name after =, \
                        membership is dynamic).
                        """)
            }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
                self.descriptor = descriptor
                name = "\(host).\(number)"
                return
            }
            close(descriptor)
        }
        throw WeirError(.unavailable, "1,024 members of group \(group) run on this host already")
    }

    deinit { close(descriptor) }

    private static var folder: String {
        if let folder = getenv("XDG_RUNTIME_DIR") { return String(cString: folder) + "/weir" }
        return "/tmp/weir-\(getuid())"
    }
}
