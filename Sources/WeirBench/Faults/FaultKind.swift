// What can be done to workers and servers in the middle of their work.

public enum FaultKind: String, Codable, CaseIterable, Sendable {
    /// SIGKILL to a worker, and a new one after a while.
    case kill
    /// SIGSTOP past the session time-out, then SIGCONT: a worker that does not know that it was given up.
    case freeze
    /// SIGTERM to a worker, and a new one: a rolling restart.
    case restart
    /// `pg_terminate_backend` for sessions of workers.
    case cut
    /// SIGKILL to a process of PostgreSQL: all sessions end, and the server recovers from its log.
    case crash
    /// The broker refuses some requests.
    case refuse

    /// Faults of a kind for each kill.
    var share: Double {
        switch self {
        case .kill: 1
        case .freeze, .restart, .cut: 0.15
        case .refuse: 0.1
        case .crash: 0.05
        }
    }

    /// Whether it is done to one worker.
    public var hasVictim: Bool {
        switch self {
        case .kill, .freeze, .restart: true
        case .cut, .crash, .refuse: false
        }
    }
}
