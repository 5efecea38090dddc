// A worker that starts while connections are cut.

import Foundation
import Testing
import WeirBench
import WeirPostgres

struct StartTests {
    /// A process reads and checks several things before its workers start, each on a connection of its own.
    @Test func whicheverConnectionOfAStartIsCutTheWorkerStarts() throws {
        let server = try ThrowawayPostgres()
        defer { server.stop() }
        let database = try TestDatabase(on: server, named: "weir")
        try database.migrate()
        let rig = try Rig(database: database)
        for victim in 1...4 {
            let proxy = try LossyProxy(server: server.folder + "/.s.PGSQL.5432", cutting: victim)
            defer { proxy.stop() }
            proxy.isLossy = false
            rig.workersDatabase = "host=\(proxy.folder) user=\(ThrowawayPostgres.user) dbname=weir"
            let worker = try rig.start("cut-\(victim)")
            try waitUntil("connection \(victim) is cut and the worker has its partitions") {
                guard worker.isRunning else { throw WaitTimeout(description: "it ended: \(worker.lastWords)") }
                return proxy.cutConnections == 1 && worker.text.contains("took over partitions")
            }
            #expect(try rig.stop(worker) == 0)
        }
    }
}
