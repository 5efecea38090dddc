// Waiting for something that another process brings about.

import Foundation

struct WaitTimeout: Error, CustomStringConvertible {
    let description: String
}

/// Asks every 10 ms until the condition holds, for a minute at the most unless told otherwise.
func waitUntil(_ what: String, seconds: Int = 60, _ condition: () throws -> Bool) throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while try !condition() {
        guard ContinuousClock.now < deadline else {
            throw WaitTimeout(description: "waited \(seconds) s in vain until \(what)")
        }
        Thread.sleep(forTimeInterval: 0.01)
    }
}
