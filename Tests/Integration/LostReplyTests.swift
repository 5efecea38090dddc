// COMMITs that PostgreSQL executes and whose answers never arrive.

import Foundation
import Testing
import WeirBench
import WeirPostgres

struct LostReplyTests {
    @Test func batchesWhoseAnswersAreLostAreWrittenOnce() throws {
        let server = try ThrowawayPostgres()
        defer { server.stop() }
        let proxy = try LossyProxy(server: server.folder + "/.s.PGSQL.5432")
        defer { proxy.stop() }
        let database = try TestDatabase(on: server, named: "weir")
        try database.migrate()
        // Small batches, so that there are enough of them to lose however fast the machine is.
        let topology = try TopologyCopy("topologies/billing-usage.yaml", adding: "limits: { batch_records: 500 }")
        let rig = try Rig(file: topology.file, database: database)
        rig.workersDatabase = "host=\(proxy.folder) user=\(ThrowawayPostgres.user) dbname=weir"
        try rig.start("a")
        try rig.start("b")
        let options = rig.options(events: 30_000) { $0.rate = 5_000 }
        let expectation = try rig.produce(options)
        try rig.waitUntilProcessed()
        proxy.isLossy = false
        let logs = rig.workers.map(\.text).joined()
        try rig.expectExact(expectation)
        #expect(proxy.lostReplies > 5, "too few for a test")
        #expect(proxy.lostRequests > 5, "too few for a test")
        #expect(logs.contains("commit failed, will be tried again"))
    }
}
