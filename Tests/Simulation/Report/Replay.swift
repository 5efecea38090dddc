// What somebody asked for with the environment.

import Foundation

enum Replay {
    /// One seed, with its whole trace.
    static let seed = ProcessInfo.processInfo.environment["WEIR_SIM_SEED"]
    /// A range, as a..b.
    static let seeds = ProcessInfo.processInfo.environment["WEIR_SIM_SEEDS"]

    static var isOff: Bool { seed == nil }
}
