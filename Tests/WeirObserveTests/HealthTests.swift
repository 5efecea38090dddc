// What the probes say, and why.

import Testing
import WeirCore
import WeirObserve

struct HealthTests {
    private static let now: Int64 = 1_800_000_000_000_000
    private static let second: Int64 = 1_000_000

    private static func process(
        phase: PartitionPhase = .running, age: Int64 = 0, isMember: Bool = true, beatAgo: Int64 = 0,
        failure: String? = nil, starting: String? = nil, isDraining: Bool = false
    ) -> ProcessState {
        var partition = PartitionStatus(topic: "t", partition: 3, knownSince: now)
        partition.hold(
            PartitionStatus.Holding(
                phase: phase, owner: "w", epoch: 1, committed: 5, oldestTaken: age > 0 ? now - age : nil,
                movedAt: now, keys: 0), at: now)
        var worker = WorkerSnapshot()
        worker.partitions = [partition]
        worker.isMember = isMember
        worker.beatAt = 500 * second - beatAgo
        let topology = TopologyStatus(
            topology: .forTests, workers: [worker], series: TallySeries(period: .seconds(3600)), database: nil,
            failure: failure)
        return ProcessState(
            starting: starting, isDraining: isDraining, topologies: starting == nil ? [topology] : [])
    }

    private static func ready(_ process: ProcessState) -> [String] {
        HealthReport.ready(process, now: now, lagLimit: 60 * second).reasons
    }

    @Test func allIsWell() {
        let process = Self.process(age: 59 * Self.second)
        #expect(Self.ready(process) == [])
        #expect(HealthReport.started(process).isGood)
        #expect(HealthReport.live(process, monotonic: 500 * Self.second).httpStatus == 200)
    }

    @Test func aStartThatWaits() {
        let process = Self.process(starting: "waiting for a server: PostgreSQL")
        #expect(HealthReport.started(process).reasons == ["waiting for a server: PostgreSQL"])
        #expect(Self.ready(process) == ["waiting for a server: PostgreSQL"])
        #expect(HealthReport.live(process, monotonic: 0).isGood)
    }

    @Test func notAMemberYet() {
        let process = Self.process(isMember: false)
        #expect(HealthReport.started(process).reasons == ["billing: worker 0 is not a member of its group yet"])
        #expect(HealthReport.started(process).httpStatus == 503)
    }

    @Test func readyAfterRestoring() {
        #expect(Self.ready(Self.process(phase: .restoring)) == ["billing: t/3 is restoring"])
        #expect(Self.ready(Self.process(phase: .claiming)) == ["billing: t/3 is claiming"])
        #expect(Self.ready(Self.process(phase: .stopped)) == ["billing: t/3 is stopped"])
        #expect(Self.ready(Self.process(phase: .paused)) == [])
    }

    @Test func behind() {
        #expect(
            Self.ready(Self.process(age: 61 * Self.second)) == ["billing: t/3 is behind: its oldest record is 61 s old"]
        )
    }

    @Test func drainingIsAliveAndNotReady() {
        let process = Self.process(isDraining: true)
        #expect(Self.ready(process) == ["draining: told to stop"])
        #expect(HealthReport.live(process, monotonic: 500 * Self.second).isGood)
    }

    @Test func aThreadThatHangs() {
        let process = Self.process(beatAgo: 61 * Self.second)
        let report = HealthReport.live(process, monotonic: 500 * Self.second)
        #expect(report.reasons == ["billing: worker 0 has not moved for 61 s"])
        #expect(report.text("alive", "not alive") == "not alive\nbilling: worker 0 has not moved for 61 s\n")
    }

    @Test func whatHasEnded() {
        let process = Self.process(failure: "PostgreSQL refuses")
        #expect(HealthReport.started(process).reasons == ["billing has ended: PostgreSQL refuses"])
    }
}

extension Topology {
    static let forTests = Topology(
        name: "billing", version: 3, group: "weir.billing", sources: [], meters: [],
        outputs: Outputs(table: "billing.usage", topic: nil, schema: "billing.usage.v1"), limits: Limits())
}
