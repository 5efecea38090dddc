// Whether PostgreSQL does what the worker wants of it, for those who look on; nothing is decided by it.

package import WeirObserve

extension WorkerCore {
    /// Failures since PostgreSQL last did what it was asked to.
    struct Failures {
        var since: Int64
        var last: Int64
        var attempts: Int
        var message: String
    }

    /// A commit without an answer for so long is told of, in microseconds: longer than a full batch takes.
    private static let longestCommit: Int64 = 5_000_000
    /// Failures with more time between them are two troubles: an attempt and the pause before it are shorter.
    private var memory: Int64 { 60_000_000 + settings.retry.longest }

    func noteFailure(_ failure: StoreFailure) {
        if let known = failures, now.monotonic - known.last > memory { failures = nil }
        let known = failures ?? Failures(since: now.wall, last: 0, attempts: 0, message: "")
        failures = Failures(
            since: known.since, last: now.monotonic, attempts: known.attempts + 1, message: failure.message)
    }

    /// PostgreSQL wrote something. While a batch is refused that says nothing of commits: the next attempt will.
    func noteSuccess() {
        if commit?.attempt ?? 0 == 0 { failures = nil }
    }

    /// Something failed and is tried again.
    private var isRetrying: Bool {
        commit.map { $0.attempt > 0 } == true || claimAttempt > 0
            || partitions.values.contains { $0.phase == .restoring && $0.restoreAttempt > 0 }
    }

    /// - Parameter owner: the worker, as in weir.partition.
    package func trouble(owner: String) -> StoreTrouble? {
        if isRetrying, let failures {
            return StoreTrouble(
                owner: owner, since: failures.since, attempts: failures.attempts, message: failures.message)
        }
        guard let commit, now.monotonic - commit.begunAt > Self.longestCommit else { return nil }
        return StoreTrouble(
            owner: owner, since: now.wall - (now.monotonic - commit.begunAt), attempts: 0,
            message: "no answer to a commit yet")
    }
}
