// What a sweep does to a world at one exact moment.

enum Intervention: Equatable, Sendable {
    case none
    /// The worker that acts, or the first, dies when the world has taken so many steps.
    case crash(step: Int)
    case rebalance(step: Int)
    /// The transaction is applied, and its client is told that the connection is gone.
    case losesReply(write: Int)
    /// So many microseconds after its client gave it up the server still applies it.
    case appliesLate(write: Int, after: Int64)
    /// The rows of weir.parked are read, and their reader is told that the connection is gone.
    case losesRead(read: Int)
    /// The clock of the worker that acts, or of the first.
    case jumps(step: Int, by: Int64)
    case stops(step: Int, for: Int64)
}
