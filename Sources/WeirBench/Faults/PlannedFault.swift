// One fault of a schedule: what, to whom, when and for how long.

public struct PlannedFault: Equatable, Sendable {
    /// From 1.
    public var number: Int
    public var kind: FaultKind
    /// Takes one of any number of things: the victim is worker number `choice % workers`.
    public var choice: Int
    /// Seconds between the fault before, or the recovery from it, and this one.
    public var wait: Double
    /// False: it may strike while the system is still busy with the one before.
    public var afterRecovery: Bool
    /// Seconds until the worker is started again, or goes on.
    public var length: Double
}
