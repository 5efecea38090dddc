// Workers that come and go under load, as in any deployment.

import Testing
import WeirBench

struct RebalanceTests {
    @Test func workersComeAndGoUnderLoad() throws {
        let rig = try Rig()
        try rig.start("a")
        var steps: [(at: Int, do: () throws -> Void)] = [
            (4_000, { try rig.start("b") }),
            (20_000, { try rig.start("c") }),
            (36_000, { try stopFirst(rig) }),
            (44_000, { try stopFirst(rig) }),
        ]
        let options = rig.options(events: 50_000) { $0.rate = 2_500 }
        let expectation = try rig.produce(options, lead: 20_000) { sent in
            guard let step = steps.first, sent >= step.at else { return }
            steps.removeFirst()
            try step.do()
        }
        try rig.expectExact(expectation)
        // Somebody else than the first worker has had a turn, and each partition one owner at a time.
        let owners = try rig.connection.column("SELECT DISTINCT split_part(owner, '/', 2) FROM weir.partition")
        #expect(owners.count == 1, "the last of the three")
        // Two joins and two leaves, none of which anything else multiplied.
        let epochs = try rig.connection.column("SELECT max(epoch)::text FROM weir.partition")
        #expect((Int(epochs[0]) ?? 0) <= 6, "\(epochs)")
    }

    private func stopFirst(_ rig: Rig) throws {
        let status = try rig.stop(rig.workers[0])
        #expect(status == 0)
    }

    /// Three members for two partitions: one has nothing to do, and must say so for the others to go on.
    @Test func aMemberWithoutPartitionsHoldsNobodyUp() throws {
        let rig = try Rig.apiCalls(partitions: 2)
        for name in ["a", "b", "c"] { try rig.start(name) }
        let options = rig.options(events: 20_000) { $0.rate = 4_000 }
        var stopped = false
        let expectation = try rig.produce(options, lead: 15_000) { sent in
            // The group is settled once the first records are in; then one with work to do leaves.
            guard !stopped, sent > 10_000, try rig.processed() > 0 else { return }
            stopped = true
            let busy = try rig.connection.column("SELECT split_part(owner, '/', 2) FROM weir.partition LIMIT 1")
            let worker = try #require(rig.workers.first { "\($0.processID)" == busy.first })
            #expect(try rig.stop(worker) == 0)
        }
        #expect(stopped)
        try rig.expectExact(expectation)
    }
}
