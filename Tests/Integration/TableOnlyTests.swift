// A topology that publishes nothing: nobody reads the totals, so they are not asked for.

import Foundation
import TestSupport
import Testing
import WeirBench
import WeirCore
import WeirPostgres

struct TableOnlyTests {
    private static func topology() throws -> TopologyCopy {
        // In small batches, so that windows have many revisions.
        try TopologyCopy("topologies/billing-usage.yaml") { text in
            text.replacing("  topic: billing.usage.v1\n  lag: slo.lag.v1\n", with: "")
                + "\nlimits: { batch_records: 500 }\n"
        }
    }

    @Test func rowsAreExactAndSoAreCorrections() throws {
        let topology = try Self.topology()
        let rig = try Rig(file: topology.file)
        #expect(rig.topology.outputs.topic == nil)
        try rig.start("a")
        // A day that ended long ago: all of it is late.
        let late = try rig.produce(
            rig.options(events: 3_000) {
                $0.start = Timestamp(parsing: "2026-03-01T10:00:00Z")
                $0.span = TimeSpan(parsing: "1h")
            })
        try rig.expectExact(late)
        let unexplained = try rig.connection.column(
            """
            SELECT u.org_id FROM billing.usage u LEFT JOIN LATERAL (
                SELECT count(*) AS rows, sum(c.quantity - c.previous_quantity) AS change, max(c.revision) AS revision
                FROM billing.correction c WHERE (c.org_id, c.meter, c.window_start, c.dimensions)
                    = (u.org_id, u.meter, u.window_start, u.dimensions)
            ) c ON true
            WHERE (c.rows, c.change, c.revision) IS DISTINCT FROM (u.revision, u.quantity, u.revision)
            """)
        #expect(unexplained == [])
        #expect(try rig.connection.column("SELECT count(*)::text FROM weir.outbox") == ["0"])
    }

    /// A trigger of somebody else's that leaves rows out: their events would be gone, with no error.
    @Test func rowsThatATriggerDropsEndTheWorker() throws {
        let topology = try Self.topology()
        let rig = try Rig(file: topology.file)
        try rig.connection.script(
            """
            -- The first row of all is one of them: whatever is in the first batch, it must fail.
            CREATE SEQUENCE public.rows;
            GRANT USAGE ON SEQUENCE public.rows TO PUBLIC;
            CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN IF nextval('public.rows') % 2 = 1 THEN RETURN NULL; END IF; RETURN NEW; END $$;
            CREATE TRIGGER swallow BEFORE INSERT ON billing.usage FOR EACH ROW EXECUTE FUNCTION swallow();
            """)
        let generator = try Generator(rig.options(events: 1_000), topology: rig.topology, schemas: rig.schemas)
        try rig.sendAll(generator)
        let worker = try rig.start("a")
        #expect(try worker.waitForEnd() == 70, "\(worker.lastWords)")
        #expect(worker.text.contains("usage rows were sent"), "\(worker.lastWords)")
        #expect(try rig.processed() == 0)
        #expect(try rig.usage().isEmpty)
    }
}
