// Partitions that a worker let go, as its process tells of them: until another worker or another process has them.

import Testing
import WeirCore
import WeirObserve

struct OrphanTests {
    private static let now: Int64 = 1_800_000_000_000_000
    private static let second: Int64 = 1_000_000

    private static func holding(
        _ phase: PartitionPhase = .running, owner: String = "h/1/0", epoch: Int64 = 5, waiting: Int64? = nil,
        moved: Int64 = now
    ) -> PartitionStatus.Holding {
        PartitionStatus.Holding(
            phase: phase, owner: owner, epoch: epoch, committed: 100, oldestTaken: waiting.map { now - $0 },
            movedAt: moved, keys: 0)
    }

    /// Held with a record of 30 seconds, and let go.
    private static func letGo(at moment: Int64 = now) -> PartitionStatus {
        var status = PartitionStatus(topic: "t", partition: 0, knownSince: now)
        status.hold(holding(waiting: 30 * second), at: now)
        status.release(at: moment)
        return status
    }

    private static func topology(_ partitions: [PartitionStatus], claim: DatabaseView.Claim? = nil) -> TopologyStatus {
        let database = claim.map {
            DatabaseView(bytes: 0, outboxMessages: 0, outboxSince: nil, slots: [], claims: [$0], askedAt: now)
        }
        let workers = partitions.map { partition in
            var worker = WorkerSnapshot()
            worker.partitions = [partition]
            return worker
        }
        return TopologyStatus(
            topology: .forTests, workers: workers, series: TallySeries(period: .seconds(3600)), database: database,
            failure: nil)
    }

    private static func claim(epoch: Int64, owner: String) -> DatabaseView.Claim {
        DatabaseView.Claim(topic: "t", partition: 0, epoch: epoch, owner: owner)
    }

    @Test func nobodyHasIt() {
        let status = Self.topology([Self.letGo()])
        #expect(status.oldestAge(at: Self.now + 10 * Self.second) == 40 * Self.second)
        let ready = HealthReport.ready(
            ProcessState(starting: nil, isDraining: false, topologies: [status]), now: Self.now + 40 * Self.second,
            lagLimit: 60 * Self.second)
        #expect(ready.reasons.contains("billing: t/0 is behind: its oldest record is 70 s old"))
        var page = MetricPage()
        page.add(status, at: Self.now + 10 * Self.second)
        let lines = page.text(.prometheus).split(separator: "\n").filter {
            $0.hasPrefix("weir_partition_")
        }
        #expect(
            lines == [#"weir_partition_oldest_record_age_seconds{topology="billing",topic="t",partition="0"} 40"#])
    }

    /// A worker that is cut off from its group hears nothing of it, but PostgreSQL knows who claimed a partition.
    @Test func anotherProcessClaimedIt() {
        #expect(
            Self.topology([Self.letGo()], claim: Self.claim(epoch: 6, owner: "h/2/0")).oldestAge(at: Self.now) == nil)
        // Its own claim, old or new, and one of before say nothing.
        for claim in [
            Self.claim(epoch: 5, owner: "h/1/0"), Self.claim(epoch: 6, owner: "h/1/0"),
            Self.claim(epoch: 4, owner: "h/2/0"),
        ] {
            #expect(Self.topology([Self.letGo()], claim: claim).oldestAge(at: Self.now) == 30 * Self.second)
        }
        // Not while it is held: the fence tells the worker itself.
        var held = PartitionStatus(topic: "t", partition: 0, knownSince: Self.now)
        held.hold(Self.holding(waiting: 30 * Self.second), at: Self.now)
        let claim = Self.claim(epoch: 6, owner: "h/2/0")
        #expect(Self.topology([held], claim: claim).oldestAge(at: Self.now) == 30 * Self.second)
    }

    /// Two workers of a process changed places in the middle of an outage: the second has not claimed it yet.
    @Test(arguments: [false, true])
    func anotherWorkerTakesItOver(isFirst: Bool) {
        var before = Self.letGo()
        before.goElsewhere()
        let later = Self.now + 5 * Self.second
        func both(_ phase: PartitionPhase) -> TopologyStatus {
            var taking = PartitionStatus(topic: "t", partition: 0, knownSince: later)
            taking.hold(Self.holding(phase, owner: "h/1/1", epoch: 0, moved: later), at: later)
            return Self.topology(isFirst ? [taking, before] : [before, taking])
        }
        #expect(both(.claiming).oldestAge(at: later + 60 * Self.second) == 95 * Self.second)
        #expect(both(.running).oldestAge(at: later) == 0)
    }

    /// Whoever let it go last knows.
    @Test(arguments: [false, true])
    func bothHadItOnce(isFirst: Bool) {
        var before = Self.letGo()
        before.goElsewhere()
        let last = Self.letGo(at: Self.now + 5 * Self.second)
        let status = Self.topology(isFirst ? [last, before] : [before, last])
        #expect(status.oldestAge(at: Self.now + 10 * Self.second) == 40 * Self.second)
    }
}
