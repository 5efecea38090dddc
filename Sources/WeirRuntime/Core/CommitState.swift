// What becomes of one batch: the commit protocol as a table of transitions.

/// Every failure leads to the same place: wait, connect anew, and look. PostgreSQL then says whether the
/// batch is in (a COMMIT whose reply was lost), still to be written, or somebody else's business now.
///
///     writing ──committed──────────────────────────────▶ done
///        │ ▲                                              ▲
///        │ └────pending───────┐                           │
///        ├─failed─▶ waiting ──due─▶ looking ──committed───┘
///        │             ▲              ├─failed─▶ waiting
///        └─fenced─┐    └──────────────┘
///                 ▼                   └─foreign─▶ fenced
///               fenced
package enum CommitState: Sendable, Equatable {
    /// The transaction is with PostgreSQL.
    case writing
    /// A new session reads what the partitions' rows say.
    case looking
    /// Until this time of the monotonic clock.
    case waiting(until: Int64)

    package enum Event: Sendable, Equatable {
        case committed
        case fenced
        /// The batch is not in, and the partitions are still ours.
        case pending
        case failed(retryAt: Int64)
        case time(Int64)
    }

    package enum Step: Sendable, Equatable {
        case none
        case write
        case look
        /// The effects are in, once.
        case done
        /// Nothing was written, nothing ever will be.
        case fenced
    }

    /// Takes in an event and says what to do next. An event that the state does not know changes nothing.
    package mutating func take(_ event: Event) -> Step {
        switch (self, event) {
        case (.writing, .committed), (.looking, .committed): return .done
        case (.writing, .fenced), (.looking, .fenced): return .fenced
        case (.writing, .failed(let at)), (.looking, .failed(let at)):
            self = .waiting(until: at)
            return .none
        case (.waiting(let until), .time(let now)):
            guard now >= until else { return .none }
            self = .looking
            return .look
        case (.looking, .pending):
            self = .writing
            return .write
        default: return .none
        }
    }
}
