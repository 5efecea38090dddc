// What a micro-benchmark is, and what is measured of it.

/// One step of the engine, over records that are the same in every run.
struct Benchmark: Sendable {
    let name: String
    /// Records of a run, unless the command line says otherwise.
    let usual: Int
    /// Prepares records, does the step within `measured`, and checks that it did what it should.
    let run: @Sendable (_ records: Int) throws -> Pass

    /// What was measured: records (or keys, or rows), and the time that they took.
    struct Pass {
        let records: Int
        let time: Duration
        /// What else is worth knowing.
        var note = ""
    }

    static let all = [
        Benchmark(name: "tier-absent", usual: 100_000, run: Tier.absent),
        Benchmark(name: "tier-present", usual: 100_000, run: Tier.present),
        Benchmark(name: "decode", usual: 10_000, run: Records.decode),
        Benchmark(name: "keys-new", usual: 100_000, run: Keys.insertNew),
        Benchmark(name: "keys-repeated", usual: 100_000, run: Keys.insertRepeated),
        Benchmark(name: "keys-restore", usual: 100_000, run: Keys.restore),
        Benchmark(name: "meter", usual: 10_000, run: Records.meter),
        Benchmark(name: "record", usual: 10_000, run: Core.take),
        Benchmark(name: "commit-rows", usual: 10_000, run: Core.packRows),
    ]
}

/// Runs the step that is measured.
func measured(_ body: () throws -> Void) rethrows -> Duration {
    let clock = ContinuousClock()
    let start = clock.now
    try collected(body)
    return clock.now - start
}

/// callgrind counts what happens between this function's beginning and its end (`--toggle-collect` of check.sh).
@inline(never)
func collected(_ body: () throws -> Void) rethrows { try body() }

struct Misuse: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// The step did not do what it is measured for.
struct Wrong: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

func expect(_ condition: Bool, _ description: @autoclosure () -> String) throws {
    if !condition { throw Wrong(description()) }
}
