// Laws of the rules under random histories; a failure names its seed.

import TestSupport
import Testing
import WeirLag

struct RulePropertyTests {
    /// Whatever arrives, and however the watcher looks: a consumer that commits each record within the tolerance is never
    /// worse than OK, but for the time until it has been watched.
    @Test func aConsumerThatKeepsUpIsNeverFlagged() {
        var oks = 0
        for seed in 1...2000 as ClosedRange<UInt64> {
            var world = PartitionWorld(seed: seed, dies: false)
            let rules = LagRules(tolerance: world.tolerance)
            var window = LagWindow(span: rules.span)
            while let look = world.look() {
                window.add(look)
                let verdict = rules.judge(window)
                #expect(
                    verdict.state == .ok || (verdict.state == .unknown && verdict.isProvisional),
                    "seed \(seed): \(verdict) at \(look)")
                if verdict.state == .unknown {
                    // Settled by the first look that comes later than everything that was there at first.
                    let watched = look.askedAt - (window.observations.first?.answeredAt ?? 0)
                    #expect(watched < world.tolerance, "seed \(seed): still unknown after \(watched) µs")
                }
                oks += verdict.state == .ok ? 1 : 0
            }
        }
        #expect(oks > 50_000)
    }

    /// The other side of it: one that stops is told as soon as a record has been seen waiting for the tolerance, and
    /// stays told, also when nothing arrives any more.
    @Test func aConsumerThatDiesIsAlwaysFlagged() {
        var deaths = 0
        for seed in 1...2000 as ClosedRange<UInt64> {
            var world = PartitionWorld(seed: seed, dies: true)
            let rules = LagRules(tolerance: world.tolerance)
            var window = LagWindow(span: rules.span)
            var firstWaiting: Int64?
            while let look = world.look() {
                window.add(look)
                guard world.isDead, case .record(let offset, _) = look.next, look.committed == world.lastCommit,
                    look.end > offset
                else { continue }
                let since = firstWaiting ?? look.answeredAt
                firstWaiting = since
                guard look.askedAt - since >= world.tolerance else { continue }
                deaths += 1
                let state = rules.judge(window).state
                #expect(state == (look.isAssigned == false ? .stop : .stall), "seed \(seed): \(state) at \(look)")
            }
        }
        #expect(deaths > 10_000)
    }

    /// OK is said only of what was seen: a commit and nothing behind it that has waited long, or a log never written to.
    @Test func neverOKWithoutData() {
        var oks = 0
        var others = 0
        for seed in 1...5000 as ClosedRange<UInt64> {
            var dice = SeededGenerator(seed: seed)
            let rules = LagRules(tolerance: 10)
            var window = LagWindow(span: rules.span)
            #expect(rules.judge(window).state != .ok)
            var time: Int64 = 0
            for _ in 0..<Int.random(in: 1...12, using: &dice) {
                if Int.random(in: 0..<8, using: &dice) == 0 {
                    window.fail("away")
                    #expect(rules.judge(window).state == .unknown)
                    continue
                }
                time += Int64.random(in: 1...8, using: &dice)
                let look = Self.anything(at: time, &dice)
                window.add(look)
                let state = rules.judge(window).state
                guard state == .ok else {
                    others += 1
                    continue
                }
                oks += 1
                guard let committed = look.committed else {
                    #expect(look.end == 0, "seed \(seed): OK without a commit at \(look)")
                    continue
                }
                #expect(committed <= look.end, "seed \(seed): OK beyond the end at \(look)")
                // A hole is no loss only where it was seen to hold nothing.
                let wasEmpty = window.observations.contains { $0.committed == committed && $0.lag == 0 }
                #expect(look.start <= committed || wasEmpty, "seed \(seed): OK with a hole at \(look)")
                if case .record(let offset, _) = look.next, committed < look.end {
                    // Something waits: a look within the tolerance must have seen the log without it.
                    let absent = window.observations.contains {
                        $0.answeredAt > look.askedAt - 20
                            && ($0.end <= offset || $0.lag == 0 && ($0.committed ?? .max) <= offset)
                    }
                    #expect(absent, "seed \(seed): OK though it may have waited for long at \(look)")
                }
            }
        }
        #expect(oks > 1000)
        #expect(others > 1000)
    }

    private static func anything(at time: Int64, _ dice: inout SeededGenerator) -> Observation {
        let start = Int64.random(in: 0...6, using: &dice)
        let end = Int.random(in: 0..<6, using: &dice) == 0 ? start : Int64.random(in: start...12, using: &dice)
        let committed = Int.random(in: 0..<6, using: &dice) == 0 ? nil : Int64.random(in: 0...12, using: &dice)
        let from = max(committed ?? 0, start)
        let next: Observation.Next =
            from >= end
            ? .nothing
            : [.record(offset: from, timestamp: nil), .nothing, .openTransaction, .unread].randomElement(using: &dice)
                ?? .unread
        return Observation(
            askedAt: time, answeredAt: time, committed: committed, start: start, end: end, next: next,
            isAssigned: [true, false, nil].randomElement(using: &dice) ?? nil)
    }
}
