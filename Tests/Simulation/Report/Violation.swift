// What a seed was found to break.

struct Violation: Error, CustomStringConvertible {
    let seed: UInt64
    var words: String
    /// Of which test it is a world, unless the seed alone makes it.
    var test = ""
    /// What happened before, oldest first; empty unless the seed was replayed.
    var trace: [String] = []

    var description: String {
        """
        seed \(seed): \(words)
        \(trace.suffix(60).joined(separator: "\n"))
        replay: \(command)
        """
    }

    private var command: String {
        test.isEmpty
            ? "WEIR_SIM_SEED=\(seed) swift test -c release --skip-build --filter Simulation"
            : "swift test -c release --skip-build --filter \(test)"
    }
}
