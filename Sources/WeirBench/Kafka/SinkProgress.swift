// How much of what was sent the brokers have, for other threads to read.

public import Synchronization

public final class SinkProgress: Sendable {
    /// Records that the brokers acknowledged.
    public let acknowledged = Atomic<Int>(0)

    init() {}
}
