// Ctrl-C and `kill` as a question that a loop can ask.

import Dispatch
import Foundation
import Synchronization

/// Raised by the first SIGINT or SIGTERM; a second one ends the process at once.
final class StopSignal {
    private let raised: RaisedFlag
    private let sources: [any DispatchSourceSignal]

    /// What the handlers share with the signal, without keeping it alive.
    private final class RaisedFlag: Sendable {
        let value = Atomic<Bool>(false)
    }

    init() {
        let raised = RaisedFlag()
        self.raised = raised
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                raised.value.store(true, ordering: .relaxed)
                signal(number, SIG_DFL)
            }
            source.resume()
            return source
        }
    }

    deinit { for source in sources { source.cancel() } }

    var isRaised: Bool { raised.value.load(ordering: .relaxed) }
}
