// Named places where a test makes the process die, as SIGKILL or a power cut would, to show that nothing is lost there.

internal import Glibc
internal import Synchronization

/// Armed by the environment: `WEIR_CRASH_AT=after_commit:3` kills the process the third time it gets there.
enum CrashPoint: String, CaseIterable {
    /// Records are in the open batch, none of their effects is anywhere else.
    case afterDecode = "after_decode"
    /// Everything is written but COMMIT.
    case insideTransaction = "inside_transaction"
    /// PostgreSQL has committed, the worker does not know yet.
    case afterCommit = "after_commit"
    /// Partitions are being given up.
    case inRevoke = "in_revoke"
    /// A message was handed to librdkafka and is still in its outbox row.
    case whilePublishing = "while_publishing"

    private struct Armed {
        let point: CrashPoint
        let times: Int
    }

    private static let armed: Armed? = {
        guard let setting = getenv("WEIR_CRASH_AT").map({ String(cString: $0) }) else { return nil }
        let parts = setting.split(separator: ":")
        guard let point = parts.first.flatMap({ CrashPoint(rawValue: String($0)) }) else { return nil }
        return Armed(point: point, times: parts.count > 1 ? Int(parts[1]) ?? 1 : 1)
    }()

    private static let reached = Atomic(0)

    static func reach(_ point: CrashPoint) {
        guard let armed, armed.point == point else { return }
        guard reached.add(1, ordering: .relaxed).newValue == armed.times else { return }
        // So that a test knows a death here from any other.
        let words = "crash point \(point.rawValue)\n"
        _ = words.withCString { write(STDERR_FILENO, $0, words.utf8.count) }
        kill(getpid(), SIGKILL)
    }
}
