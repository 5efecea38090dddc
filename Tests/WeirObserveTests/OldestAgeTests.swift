// The age of the oldest record: it rises whatever stands still, and is 0 only where somebody knows that.

import Testing
import WeirObserve

struct OldestAgeTests {
    private static let now: Int64 = 1_800_000_000_000_000
    private static let second: Int64 = 1_000_000

    private static func holding(
        _ phase: PartitionPhase, committed: Int64? = 100, taken: Int64? = nil, moved: Int64 = 0
    ) -> PartitionStatus.Holding {
        PartitionStatus.Holding(
            phase: phase, owner: "w", epoch: 1, committed: committed, oldestTaken: taken, movedAt: now - moved, keys: 0)
    }

    private static func status(
        phase: PartitionPhase = .running, committed: Int64? = 100, taken: Int64? = nil, moved: Int64 = 0,
        log: PartitionStatus.LogView? = nil
    ) -> PartitionStatus {
        var status = PartitionStatus(topic: "t", partition: 0, knownSince: now - 3600 * second)
        status.hold(holding(phase, committed: committed, taken: taken, moved: moved), at: now)
        status.log = log
        return status
    }

    private static func log(
        committed: Int64? = 100, first: Int64? = nil, end: Int64, drained: Int64? = nil, head: Int64? = nil
    ) -> PartitionStatus.LogView {
        PartitionStatus.LogView(
            committed: committed, first: first, end: end, askedAt: now, drainedAt: drained.map { now - $0 },
            head: head.map { now - $0 })
    }

    @Test func whatWasReadAges() {
        let status = Self.status(taken: Self.now - 7 * Self.second)
        #expect(status.oldestAge(at: Self.now) == 7 * Self.second)
        // Also if nobody writes the status any more: the worker's thread hangs.
        #expect(status.oldestAge(at: Self.now + 60 * Self.second) == 67 * Self.second)
    }

    @Test func whatWasNotReadAges() {
        let status = Self.status(
            phase: .paused, moved: 90 * Self.second, log: Self.log(end: 120, head: 80 * Self.second))
        #expect(status.oldestAge(at: Self.now) == 80 * Self.second)
        #expect(status.offsetLag == 20)
    }

    @Test func aLookAtAnotherOffsetSaysNothing() {
        let status = Self.status(committed: 110, moved: Self.second, log: Self.log(end: 120, head: 80 * Self.second))
        #expect(status.oldestAge(at: Self.now) == 0)
        #expect(status.offsetLag == 10)
    }

    /// Burrow's and others' complaint the other way round: no traffic is no lag, as long as somebody looks.
    @Test func anIdleTopicIsNotLate() {
        let status = Self.status(moved: 86_400 * Self.second, log: Self.log(end: 100, drained: 2 * Self.second))
        #expect(status.oldestAge(at: Self.now) == 0)
        #expect(status.offsetLag == 0)
    }

    @Test func whereNobodyCanLookTheAgeRises() {
        let status = Self.status(moved: 86_400 * Self.second, log: Self.log(end: 100, drained: 45 * Self.second))
        #expect(status.oldestAge(at: Self.now) == 45 * Self.second)
        #expect(Self.status(moved: 300 * Self.second).oldestAge(at: Self.now) == 300 * Self.second)
        #expect(Self.status(moved: 300 * Self.second).offsetLag == nil)
    }

    /// A worker that joins its group anew has no partitions for some seconds, and nobody else has them either.
    @Test func whatNobodyHasGoesOnAgeing() {
        var status = Self.status(taken: Self.now - 30 * Self.second)
        status.release(at: Self.now)
        status.release(at: Self.now + 5 * Self.second)
        #expect(status.oldestAge(at: Self.now + 10 * Self.second) == 40 * Self.second)
        #expect(status.oldestAge(at: Self.now + 3600 * Self.second) == 3630 * Self.second)
        #expect(status.orphanOf == "w")
        // Of one that was good, too: nobody looks after it now.
        var good = Self.status(log: Self.log(end: 100, drained: 0))
        good.release(at: Self.now)
        #expect(good.oldestAge(at: Self.now + 10 * Self.second) == 10 * Self.second)
    }

    @Test func theGroupGaveItToSomebodyElse() {
        var status = Self.status(taken: Self.now - 30 * Self.second)
        status.release(at: Self.now)
        status.goElsewhere()
        #expect(status.oldestAge(at: Self.now) == nil)
        #expect(status.orphanOf == nil)
        // One that is held is nobody else's.
        var held = Self.status(taken: Self.now - 30 * Self.second)
        held.goElsewhere()
        #expect(held.oldestAge(at: Self.now) == 30 * Self.second)
    }

    @Test func neverHeldHereIsNobodysNews() {
        let status = PartitionStatus(topic: "t", partition: 0, knownSince: Self.now)
        #expect(status.oldestAge(at: Self.now) == nil)
        var never = status
        never.goElsewhere()
        never.release(at: Self.now)
        #expect(never.oldestAge(at: Self.now) == nil)
    }

    /// A worker that joins anew forgets what it had read; records wait all the same.
    @Test func joiningAnewDoesNotMakeRecordsYounger() {
        var status = Self.status(taken: Self.now - 30 * Self.second)
        status.release(at: Self.now)
        let later = Self.now + 5 * Self.second
        status.hold(Self.holding(.claiming, committed: nil, moved: -5 * Self.second), at: later)
        #expect(status.oldestAge(at: later) == 35 * Self.second)
        status.hold(Self.holding(.running, moved: -5 * Self.second), at: later)
        #expect(status.oldestAge(at: later) == 0)
    }

    @Test func whatSomebodyElseHadMeanwhileBeginsAnew() {
        var status = Self.status(taken: Self.now - 30 * Self.second)
        status.release(at: Self.now)
        status.goElsewhere()
        let later = Self.now + 61 * Self.second
        status.hold(Self.holding(.claiming, committed: nil, moved: -61 * Self.second), at: later)
        #expect(status.oldestAge(at: later) == 0)
    }

    /// However long nobody had it.
    @Test func whatNobodyHadMeanwhileIsAsOldAsItIs() {
        var status = Self.status(taken: Self.now - 30 * Self.second)
        status.release(at: Self.now)
        let later = Self.now + 600 * Self.second
        status.hold(Self.holding(.claiming, committed: nil, moved: -600 * Self.second), at: later)
        #expect(status.oldestAge(at: later) == 630 * Self.second)
        // Let go again before its claim was through.
        status.release(at: later)
        #expect(status.oldestAge(at: later + Self.second) == 631 * Self.second)
    }

    /// A topic that was made anew: its log ends before the offset, and "no lag" would be a lie.
    @Test func anotherLogIsNotADrainedOne() {
        let status = Self.status(phase: .stopped, moved: 50 * Self.second, log: Self.log(end: 3))
        #expect(status.offsetLag == nil)
        #expect(status.oldestAge(at: Self.now) == 50 * Self.second)
    }

    @Test func commitsGoOnAfterTheBrokerWasAsked() {
        let status = Self.status(committed: 130, log: Self.log(end: 120))
        #expect(status.offsetLag == 0)
    }

    @Test func theFirstCommitEver() {
        let status = Self.status(
            committed: nil, log: Self.log(committed: nil, first: 40, end: 45, head: 9 * Self.second))
        #expect(status.offsetLag == 5)
        #expect(status.oldestAge(at: Self.now) == 9 * Self.second)
    }
}
