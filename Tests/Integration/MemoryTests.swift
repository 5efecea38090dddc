// What a worker holds while PostgreSQL is away is bounded. bench/memory/outage.sh is the long form.

import Testing
import WeirBench

struct MemoryTests {
    /// Growth, in KiB: librdkafka's queue holds 32 MiB, the batches here next to nothing.
    private static let most = 40 << 10

    @Test func memoryStaysFlatWhilePostgresIsAway() throws {
        let server = try OwnPostgres()
        let topology = try TopologyCopy("topologies/billing-usage.yaml", adding: "limits: { batch_records: 5000 }")
        let rig = try Rig(file: topology.file, partitions: 8, database: TestDatabase(migratedOn: server))
        let worker = try rig.start("a")
        var (before, during, after) = (0, 0, 0)
        var state = 0
        var next = 0
        let options = rig.options(events: 80_000) { $0.rate = 4_000 }
        let expectation = try rig.produceRegardless(options) { sent in
            if state == 0, sent >= 20_000 {
                state = 1
                server.freeze()
            } else if state == 1, sent >= 60_000 {
                state = 2
                server.thaw()
            }
            guard sent >= next, let memory = worker.residentMemory else { return }
            next = sent + 400
            switch state {
            case 0: before = max(before, memory)
            case 1: during = max(during, memory)
            default: after = max(after, memory)
            }
        }
        #expect(worker.text.contains("paused"), "\(worker.lastWords)")
        print("memory, KiB: \(before) before, \(during) without PostgreSQL, \(after) after")
        #expect(before > 0 && during - before < Self.most && after - before < Self.most)
        try rig.reconnect()
        try rig.expectExact(expectation)
    }
}
