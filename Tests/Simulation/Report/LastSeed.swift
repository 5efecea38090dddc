// Says which seeds were running when a precondition ended the process.

import Foundation
import Synchronization

enum LastSeed {
    fileprivate static let latest = Atomic<UInt64>(0)
    fileprivate static let before = Atomic<UInt64>(0)

    static func install() {
        for number in [SIGILL, SIGTRAP, SIGSEGV] { signal(number, sayLastSeeds) }
    }

    /// With two lanes these are the two that run; with more, among the last.
    static func note(_ seed: UInt64) {
        before.store(latest.exchange(seed, ordering: .relaxed), ordering: .relaxed)
    }
}

private func sayLastSeeds(_ number: Int32) {
    let seeds = "\(LastSeed.before.load(ordering: .relaxed)) or \(LastSeed.latest.load(ordering: .relaxed))"
    FileHandle.standardError.write(Data("simulation: the process died in seed \(seeds)\n".utf8))
    signal(number, SIG_DFL)
    raise(number)
}
