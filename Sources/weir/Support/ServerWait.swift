// A start that waits for servers: they may be starting or failing over, too.

import Logging
import WeirCore

/// Tries again while a server is away, says so once per reason, and gives up after `patience`: whoever mistyped an
/// address reads why at once, and a supervisor that counts restarts sees few of them.
struct ServerWait {
    static let patience = Duration.seconds(20)

    private let logger: Logger
    private let deadline = ContinuousClock.now + patience
    /// Told what is waited for.
    private let told: (String) -> Void

    init(_ logger: Logger, told: @escaping (String) -> Void = { _ in }) {
        self.logger = logger
        self.told = told
    }

    /// What `ask` returns, or nil if a signal asked to stop meanwhile.
    ///
    /// - Throws: the last error, when it is not `.unavailable` or when patience ends.
    func untilAvailable<Answer>(_ ask: () throws(WeirError) -> Answer) throws(WeirError) -> Answer? {
        var last = ""
        while true {
            do {
                return try ask()
            } catch {
                guard error.status == .unavailable, ContinuousClock.now < deadline else { throw error }
                if last != error.message {
                    logger.warning(
                        "a server is away; tried again for \(Self.patience)", metadata: ["error": "\(error.message)"])
                    told("waiting for a server: \(error.message)")
                    last = error.message
                }
            }
            if Signals.wait(milliseconds: 500) != nil { return nil }
        }
    }
}
