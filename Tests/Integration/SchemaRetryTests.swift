// Records whose schema id is not known yet: they wait, and are counted or given up.

import Foundation
import TestSupport
import Testing
import WeirBench

struct SchemaRetryTests {
    @Test func aSchemaThatComesLateCostsNothing() throws {
        let schemas = try SchemaCopy(Repository.path("topologies/examples/api-calls/schemas"))
        let rig = try Rig.apiCalls(
            adding: "retry: { schema: { first: 50ms, longest: 500ms, deadline: 10m } }", schemas: schemas.path)
        let worker = try rig.start("a")
        let topic = rig.topic("api.calls.v1")
        let expectation = try rig.sendUnderUnknownSchema(topic, events: 3_000)
        try rig.waitUntilRead()
        #expect(try rig.parkedRecords() == 3_000)
        #expect(try rig.number("SELECT count(DISTINCT schema_id) FROM weir.parked WHERE cause = 'schema'") == 1)
        #expect(try rig.number("SELECT count(*) FROM weir.parked") < 300)
        // A second owner finds them, too.
        try rig.kill(worker)
        let second = try rig.start("b")
        try waitUntil("b has taken over", seconds: 60) { second.text.contains("took over partitions") }
        try schemas.add(id: 99, subject: "api.calls.v1")
        try rig.expectExact(expectation)
        #expect(try rig.parkedRecords() == 0)
        #expect(second.text.contains("a schema id has become known"), "\(second.lastWords)")
    }

    @Test func aSchemaThatNeverComesMakesDeadLetters() throws {
        let rig = try Rig.apiCalls()
        try rig.start("a")
        _ = try rig.sendUnderUnknownSchema(rig.topic("api.calls.v1"), events: 500)
        try rig.waitUntilProcessed()
        #expect(try rig.stopAll() == [0])
        #expect(try rig.parkedRecords() == 0)
        try rig.expectCountersAddUp()
        #expect(
            try rig.number(
                """
                SELECT count(*) FROM weir.dead_letter WHERE reason = 'unknown_schema' AND attempt > 1
                    AND recorded_at - first_seen BETWEEN interval '450 ms' AND interval '30 s'
                """) == 500)
    }
}
