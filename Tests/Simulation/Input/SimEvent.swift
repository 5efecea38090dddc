// One record of the input, in the words of whoever made it: what it says, or what is wrong with it.

import WeirCore

struct SimEvent: Equatable {
    var organisation: String
    var site: String
    var key: String
    var at: Int64
    var amount: Int64
    var user: String
    var region: String?

    /// A repeat says the same about the same key; the id of the attempt is not part of it.
    func says(_ other: SimEvent) -> Bool { self == other }
}

enum SimContent {
    case event(SimEvent)
    case poison(DeadLetterReason)

    var words: String {
        switch self {
        case .event(let event): "\(event.organisation) \(event.key) \(event.amount)"
        case .poison(let reason): reason.rawValue
        }
    }
}
