// A partition with producers, a consumer and a watcher, all random and all from one seed.

import TestSupport
import WeirLag

/// Records arrive in any pattern: steady, bursts, silence, with transaction markers between. The consumer commits each
/// within less than the tolerance of its arrival, until it dies, if it does. The watcher looks at odd times, and what it
/// is told takes time.
struct PartitionWorld {
    let tolerance: Int64
    private(set) var isDead = false
    private(set) var lastCommit: Int64 = 0
    private var dice: SeededGenerator
    private var now: Int64 = 0
    private let looks: Int
    private var looked = 0
    private let dies: Int?
    private let every: Int64
    private let delay: Int64
    private let isTransactional: Bool
    private let isLeftByMembers: Bool
    /// When each offset of the log arrived; nil for a marker.
    private var log: [(time: Int64, isRecord: Bool)] = []
    /// When the next arrivals come, and how many at a time.
    private var nextArrival: Int64 = 0
    private var pace: (gap: Int64, count: Int) = (1, 1)

    init(seed: UInt64, dies: Bool) {
        dice = SeededGenerator(seed: seed)
        tolerance = Int64.random(in: 1_000_000...60_000_000, using: &dice)
        looks = Int.random(in: 40...80, using: &dice)
        self.dies = dies ? Int.random(in: 1...20, using: &dice) : nil
        every = tolerance / Int64.random(in: 3...30, using: &dice)
        // Of processing and of the interval of commits together.
        delay = Int64.random(in: 0..<tolerance * 9 / 10, using: &dice)
        isTransactional = Bool.random(using: &dice)
        isLeftByMembers = Bool.random(using: &dice)
    }

    private mutating func advance(to time: Int64) {
        while nextArrival <= time {
            for _ in 0..<pace.count { log.append((nextArrival, true)) }
            if isTransactional { log.append((nextArrival, false)) }
            if Int.random(in: 0..<5, using: &dice) == 0 {
                pace = (
                    Int64.random(in: tolerance / 200...tolerance * 3, using: &dice),
                    Int.random(in: 0..<3, using: &dice) == 0 ? Int.random(in: 1...500, using: &dice) : 1
                )
            }
            nextArrival += max(1, pace.gap)
        }
        now = time
        guard !isDead else { return }
        // All that arrived long enough ago; a consumer does not commit markers that nothing follows.
        let done = log.prefix { $0.time <= now - delay }
        if let last = done.lastIndex(where: \.isRecord) { lastCommit = max(lastCommit, Int64(last) + 1) }
    }

    /// The next look; nil when enough was seen.
    mutating func look() -> Observation? {
        guard looked < looks else { return nil }
        looked += 1
        if looked == dies { isDead = true }
        advance(to: now + Int64.random(in: 1...2 * every, using: &dice))
        let askedAt = now
        let committed = lastCommit
        advance(to: now + Int64.random(in: 0...tolerance / 100, using: &dice))
        let end = Int64(log.count)
        let first = log[Int(committed)...].firstIndex { $0.isRecord }
        return Observation(
            askedAt: askedAt, answeredAt: now, committed: committed, start: 0, end: end,
            next: first.map { .record(offset: Int64($0), timestamp: 0) } ?? .nothing,
            isAssigned: isDead && isLeftByMembers ? false : true)
    }
}
