// What is said of a partition of a consumer group: one word, and why.

/// From good to bad: a group is in the worst state of its partitions.
public enum LagState: Int, Sendable, CaseIterable, Comparable {
    /// Everything is processed, or what waits has waited less than the tolerance.
    case ok
    /// Something did not answer, or the partition has not been watched long enough to say.
    case unknown
    /// The group has committed nothing where there is something to process.
    case noData
    /// Behind by more than the tolerance though the offset moves; or records were deleted unread.
    case warn
    /// The committed offset fell, or the log was made anew under it.
    case rewind
    /// Records wait and the offset stands, though a member holds the partition (or nobody can say whether one does).
    case stall
    /// Records wait, the offset stands, and no member holds the partition.
    case stop

    public static func < (a: LagState, b: LagState) -> Bool { a.rawValue < b.rawValue }

    /// As in tables.
    public var word: String {
        switch self {
        case .ok: "OK"
        case .unknown: "UNKNOWN"
        case .noData: "NO DATA"
        case .warn: "WARN"
        case .rewind: "REWIND"
        case .stall: "STALL"
        case .stop: "STOP"
        }
    }

    /// As in metrics and JSON.
    public var name: String { word.lowercased().replacing(" ", with: "_") }
}

/// A state with what led to it.
public struct LagVerdict: Sendable, Equatable {
    public var state: LagState
    /// A clause for people; empty if the state says it all.
    public var reason: String
    /// Another look may settle it: the partition was not watched for as long as the tolerance.
    public var isProvisional: Bool

    init(_ state: LagState, _ reason: String = "", isProvisional: Bool = false) {
        self.state = state
        self.reason = reason
        self.isProvisional = isProvisional
    }
}
