// Minutes of lag on a clock that the test moves: what a minute holds, and what nobody covers.

import TestSupport
import Testing
import WeirCore
import WeirObserve

struct LagMinutesTests {
    @Test func aMinuteRollsOver() {
        var world = World(at: "10:00:05")
        world.hold()
        world.commit(good: 3, late: 1)
        #expect(world.walk(until: "10:00:59.9").isEmpty)
        world.commit(good: 2, late: 0)
        let first = world.walk(until: "10:01:00.3")
        #expect(first.count == 1)
        #expect(first[0].minute == World.time("10:00:00") / 1000)
        #expect(first[0].beganAt == World.time("10:00:05") / 1000)
        #expect(first[0].covered == 55_000)
        #expect(first[0].overdue == 0)
        #expect(first[0].tally == RecordTally(good: 5, total: 6))
        #expect(first[0].target == 990_000 && first[0].line == 2_000_000)
        #expect(first[0].oldest == nil)
        #expect(first[0].owner == "host/1/0" && first[0].epoch == 7 && first[0].number == 0)
        // Steps of 7 %: five of 10 ms, one of 3 s.
        #expect(first[0].lag?.half == 10_000 && first[0].lag?.most == 3_000_000 && first[0].lag?.longest == 3_000_000)

        let second = world.walk(until: "10:02:00.1")
        #expect(second.count == 1)
        #expect(second[0].beganAt == second[0].minute && second[0].covered == 60_000)
        #expect(second[0].tally == RecordTally() && second[0].lag == nil)
        #expect(second[0].number == 1)
        #expect(second[0].idempotencyKey != first[0].idempotencyKey)
    }

    @Test func theKeyNamesWhatTheReportIsAbout() {
        var world = World(at: "10:00:05")
        world.hold()
        let report = world.walk(until: "10:01:00")[0]
        #expect(report.idempotencyKey == "billing/calls/3/2027-01-15T10:00:00Z/7/0")
    }

    @Test func anIdlePartitionIsGoodOnlyIfNothingWaits() {
        var world = World(at: "10:00:00")
        world.hold()
        #expect(world.walk(until: "10:01:00")[0].overdue == 0)
        // A record that was read and is not committed, for a second; then for three.
        world.hold(taken: World.time("10:01:59"))
        let young = world.walk(until: "10:02:00", moving: false)[0]
        #expect(young.oldest == 1_000_000 && young.overdue == 0 && young.covered == 60_000)
        world.hold(taken: World.time("10:02:57"))
        let old = world.walk(until: "10:03:00", moving: false)[0]
        #expect(old.oldest == 3_000_000 && old.overdue == 60_000 && old.covered == 60_000)
    }

    @Test func whatCannotBeSeenIsNotGood() {
        var world = World(at: "10:00:00")
        world.hold()
        // No commit, and no look at the log that finds it drained.
        let report = world.walk(until: "10:01:00", moving: false)[0]
        #expect(report.oldest == 60_000_000 && report.overdue == 60_000)
    }

    @Test func aPartitionThatIsGivenUpEndsItsPart() {
        var world = World(at: "10:00:00")
        world.hold()
        _ = world.walk(until: "10:00:20")
        world.commit(good: 4, late: 0)
        world.status.release(at: world.now)
        let given = world.look()
        #expect(given.map(\.covered) == [20_000])
        #expect(given.map(\.tally) == [RecordTally(good: 4, total: 4)])
        #expect(world.walk(until: "10:00:30").isEmpty)
        // Back under another epoch: both parts are one minute.
        world.hold(epoch: 9)
        world.commit(good: 1, late: 1)
        let back = world.walk(until: "10:01:00")
        #expect(back.map(\.covered) == [30_000] && back.map(\.epoch) == [9] && back.map(\.number) == [0])
        #expect(back.map(\.beganAt) == [World.time("10:00:30") / 1000])
        #expect(back.map(\.tally) == [RecordTally(good: 1, total: 2)])
        #expect(back[0].minute == given[0].minute && back[0].idempotencyKey != given[0].idempotencyKey)
    }

    @Test func anotherEpochIsAnotherPart() {
        var world = World(at: "10:00:00")
        world.hold()
        _ = world.walk(until: "10:00:20")
        world.hold(epoch: 8)
        #expect(world.look().map(\.epoch) == [7])
        #expect(world.walk(until: "10:01:00").map(\.epoch) == [8])
    }

    @Test func beforeItsClaimNobodyCovers() {
        var world = World(at: "10:00:00")
        world.hold(.claiming)
        #expect(world.walk(until: "10:01:10", phase: .claiming).isEmpty)
        world.hold(.restoring)
        #expect(world.walk(until: "10:02:00", phase: .restoring).map(\.covered) == [50_000])
    }

    @Test func theEndSendsWhatIsOpen() {
        var world = World(at: "10:00:00")
        world.hold()
        _ = world.walk(until: "10:00:40")
        world.commit(good: 2, late: 0)
        let last = world.minutes.finish([[world.status]], now: world.now)
        #expect(last.map(\.covered) == [40_000] && last.map(\.tally.total) == [2])
        #expect(world.minutes.finish([[world.status]], now: world.now).isEmpty)
    }

    @Test func aProcessThatStoodStillCoversNothing() {
        var world = World(at: "10:00:00")
        world.hold()
        _ = world.walk(until: "10:00:10")
        world.now = World.time("10:02:30")
        world.commit(good: 0, late: 9)
        let before = world.look()
        #expect(before.map(\.covered) == [10_000] && before.map(\.tally.bad) == [9])
        let after = world.walk(until: "10:03:00")
        #expect(after.map(\.minute) == [World.time("10:02:00") / 1000] && after.map(\.covered) == [30_000])
    }

    @Test func aClockThatIsSetBackCoversNothingTwiceAndLosesNoRecord() {
        var world = World(at: "10:05:00")
        world.hold()
        _ = world.walk(until: "10:05:40")
        world.commit(good: 3, late: 0)
        world.now = World.time("10:05:10")
        world.hold()
        // Within the minute: as long as it lasts by the clock, not longer than a minute.
        let same = world.walk(until: "10:06:00")
        #expect(same.map(\.covered) == [60_000] && same.map(\.tally.total) == [3])

        _ = world.walk(until: "10:06:30")
        world.commit(good: 2, late: 0)
        world.now = World.time("10:02:30")
        world.hold()
        let closed = world.look()
        #expect(closed.map(\.covered) == [30_000] && closed.map(\.tally.total) == [2])
        let earlier = world.walk(until: "10:03:00")
        #expect(earlier.map(\.minute) == [World.time("10:02:00") / 1000] && earlier.map(\.covered) == [30_000])
        // The minutes that come again are reports of their own, and no repeats.
        let again = world.walk(until: "10:07:00")
        #expect(again.count == 4)
        let keys = (same + closed + earlier + again).map(\.idempotencyKey)
        #expect(Set(keys).count == keys.count)
    }

    @Test func aClockThatJumpsAheadLeavesAHole() {
        var world = World(at: "10:00:00")
        world.hold()
        _ = world.walk(until: "10:00:30")
        world.now = World.time("11:00:30")
        world.hold()
        let reports = world.look() + world.walk(until: "11:01:00")
        #expect(reports.map(\.covered) == [30_000, 30_000])
        #expect(reports.map(\.minute) == ["10:00:00", "11:00:00"].map { World.time($0) / 1000 })
    }

    @Test func aRecordWithoutATimeIsLateAndHasNoLag() {
        var world = World(at: "10:00:00")
        world.hold()
        let runs = [TimeRun(milliseconds: -1, part: 0, count: 2)]
        world.status.lag.record(arrivals: runs.span, committedAt: world.now, line: 2_000_000)
        let report = world.walk(until: "10:01:00")[0]
        #expect(report.tally == RecordTally(good: 0, total: 2) && report.lag == nil)
    }

    /// Two workers of a process have or had the same partition.
    @Test func workersAreToldApart() {
        var world = World(at: "10:00:00")
        world.hold()
        world.commit(good: 5, late: 0)
        var other = PartitionStatus(topic: "calls", partition: 3, knownSince: 0)
        var minutes = LagMinutes(topology: "billing", objective: Objective())
        _ = minutes.look(at: [[world.status], [other]], now: world.now)
        world.status.release(at: world.now)
        other.hold(World.holding(epoch: 8, at: world.now), at: world.now)
        other.lag = world.status.lag
        let first = minutes.look(at: [[world.status], [other]], now: world.now + 1_000_000)
        #expect(first.map(\.epoch) == [7] && first.map(\.tally.total) == [5])
        let last = minutes.finish([[world.status], [other]], now: world.now + 2_000_000)
        #expect(last.map(\.epoch) == [8] && last.map(\.tally.total) == [5] && last.map(\.covered) == [1000])
    }

    /// Nobody looked while a worker had it; and a commit that is told of after it went.
    @Test func recordsBetweenTwoLooksCount() {
        var world = World(at: "10:00:20")
        #expect(world.look().isEmpty)
        world.hold()
        world.commit(good: 4, late: 1)
        world.status.release(at: world.now)
        world.now += 250_000
        let short = world.look()
        #expect(short.map(\.tally) == [RecordTally(good: 4, total: 5)] && short.map(\.covered) == [0])
        #expect(short.map(\.epoch) == [7] && short.map(\.owner) == ["host/1/0"])
        #expect(short[0].beganAt == world.now / 1000 && short[0].lag?.half == 10_000)
        #expect(world.look().isEmpty)
        world.commit(good: 1, late: 0)
        let stray = world.look()
        #expect(stray.map(\.tally) == [RecordTally(good: 1, total: 1)])
        #expect(stray[0].idempotencyKey != short[0].idempotencyKey)
    }

    /// As below, while the partition comes and goes.
    @Test(arguments: [UInt64](1...20))
    func everyRecordIsReportedOnce(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        var world = World(at: "10:00:00")
        var epoch: Int64 = 7
        var reports: [LagReport] = []
        var sent = RecordTally()
        for _ in 0..<500 {
            world.now += Int64.random(in: 1...10_000, using: &dice) * 1000
            switch Int.random(in: 0...5, using: &dice) {
            case 0:
                epoch += 1
                world.hold(.claiming, epoch: epoch)
            case 1: world.hold(epoch: epoch)
            case 2:
                world.hold(epoch: epoch)
                world.commit(good: 2, late: 1)
                sent.add(good: 2, total: 3)
            case 3: world.status.release(at: world.now)
            default: reports += world.look()
            }
        }
        reports += world.minutes.finish([[world.status]], now: world.now)
        #expect(reports.reduce(into: RecordTally()) { $0.add($1.tally) } == sent)
        #expect(Set(reports.map(\.idempotencyKey)).count == reports.count)
    }

    /// However the looks and the commits fall: every record once, and every millisecond from first to last look once.
    @Test(arguments: [UInt64](1...20))
    func everythingAddsUp(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        var world = World(at: "10:00:00")
        world.now += Int64.random(in: 0..<60_000_000, using: &dice) / 1000 * 1000
        world.hold()
        let begun = world.now
        _ = world.look()
        var reports: [LagReport] = []
        var sent = RecordTally()
        for _ in 0..<500 {
            let good = Int.random(in: 0...3, using: &dice)
            let late = Int.random(in: 0...1, using: &dice)
            if good + late > 0 { world.commit(good: good, late: late) }
            sent.add(good: UInt64(good), total: UInt64(good + late))
            world.now += Int64.random(in: 1...10_000, using: &dice) * 1000
            world.hold()
            reports += world.look()
        }
        reports += world.minutes.finish([[world.status]], now: world.now)
        #expect(reports.reduce(into: RecordTally()) { $0.add($1.tally) } == sent)
        #expect(reports.reduce(0) { $0 + $1.covered } == (world.now - begun) / 1000)
        #expect(Set(reports.map(\.minute)).count == reports.count)
        #expect(reports.dropFirst().dropLast().allSatisfy { $0.covered == 60_000 && $0.beganAt == $0.minute })
    }
}

/// One partition, one worker, and a clock.
private struct World {
    var now: Int64
    var status = PartitionStatus(topic: "calls", partition: 3, knownSince: 0)
    var minutes = LagMinutes(topology: "billing", objective: Objective())
    private var epoch: Int64 = 7

    init(at text: String) { now = Self.time(text) }

    /// Microseconds since 1970, of a time of day: `10:00:59.9`.
    static func time(_ text: String) -> Int64 { Timestamp(parsing: "2027-01-15T\(text)Z")?.microseconds ?? 0 }

    static func holding(
        _ phase: PartitionPhase = .running, epoch: Int64, taken: Int64? = nil, at now: Int64
    ) -> PartitionStatus.Holding {
        PartitionStatus.Holding(
            phase: phase, owner: "host/1/0", epoch: epoch, committed: 1, oldestTaken: taken, movedAt: now, keys: 0)
    }

    mutating func hold(_ phase: PartitionPhase = .running, epoch: Int64? = nil, taken: Int64? = nil) {
        if let epoch { self.epoch = epoch }
        status.hold(Self.holding(phase, epoch: self.epoch, taken: taken, at: now), at: now)
    }

    mutating func commit(good: Int, late: Int) {
        let runs = [
            TimeRun(milliseconds: now / 1000 - 10, part: 0, count: UInt32(good)),
            TimeRun(milliseconds: now / 1000 - 3000, part: 0, count: UInt32(late)),
        ].filter { $0.count > 0 }
        status.lag.record(arrivals: runs.span, committedAt: now, line: 2_000_000)
    }

    mutating func look() -> [LagReport] { minutes.look(at: [[status]], now: now) }

    /// Looks every tenth of a second.
    ///
    /// - Parameter moving: a held partition is seen to commit all the while.
    mutating func walk(until text: String, moving: Bool = true, phase: PartitionPhase = .running) -> [LagReport] {
        var reports = look()
        while now < Self.time(text) {
            now += 100_000
            if moving, status.held != nil { hold(phase) }
            reports += look()
        }
        return reports
    }
}
