// Names that a registry does not know: asked about again ever more seldom.

internal import WeirAvro

/// Bounded: anybody can make up four bytes.
struct NegativeCache {
    private struct Denial {
        var times: Int
        var askAgainAt: ContinuousClock.Instant
    }

    private static let most = 10_000
    private let first: Duration
    private let longest: Duration
    private var denials: [WireSchema: Denial] = [:]

    init(first: Duration, longest: Duration) {
        self.first = first
        self.longest = longest
    }

    /// True if the registry said no not long ago.
    func holds(_ name: WireSchema, at now: ContinuousClock.Instant) -> Bool {
        denials[name].map { now < $0.askAgainAt } ?? false
    }

    mutating func deny(_ name: WireSchema, at now: ContinuousClock.Instant) {
        if denials.count >= Self.most, denials[name] == nil {
            denials = denials.filter { now < $0.value.askAgainAt }
            if denials.count >= Self.most { denials.removeAll() }
        }
        let times = denials[name]?.times ?? 0
        let wait = min(longest, first * (1 << min(times, 20)))
        denials[name] = Denial(times: times + 1, askAgainAt: now + wait)
    }

    mutating func forget(_ name: WireSchema) { denials[name] = nil }
}
