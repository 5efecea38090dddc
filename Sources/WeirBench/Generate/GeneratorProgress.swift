// How far a generator is, for other threads to read.

public import Synchronization

/// Counters of one run. Only the generator's thread adds to them.
public final class GeneratorProgress: Sendable {
    public let produced = Atomic<Int>(0)
    public let unique = Atomic<Int>(0)
    public let repeats = Atomic<Int>(0)
    public let conflicts = Atomic<Int>(0)
    public let poison = Atomic<Int>(0)
    /// Bytes of keys and values.
    public let bytes = Atomic<Int>(0)

    init() {}

    func add(_ amount: Int, to counter: borrowing Atomic<Int>) {
        counter.wrappingAdd(amount, ordering: .relaxed)
    }
}
