// The error a person sees: what happened, where, and what to do next.

/// Exit codes of the command line, after sysexits.h.
public enum ExitStatus: Int32, Sendable {
    case ok = 0
    case usage = 64
    case badData = 65
    case unavailable = 69
    case bug = 70
}

/// A failure that ends a command, told in words for whoever runs it.
public struct WeirError: Error, Sendable, CustomStringConvertible {
    public var status: ExitStatus
    /// What happened and where (file:line, topic/partition/offset, server).
    public var message: String
    /// What to do next; empty if the message says it already.
    public var advice: String

    public init(_ status: ExitStatus, _ message: String, advice: String = "") {
        self.status = status
        self.message = message
        self.advice = advice
    }

    public var description: String { advice.isEmpty ? message : "\(message)\n  \(advice)" }
}
