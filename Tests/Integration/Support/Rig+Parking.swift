// What waits and what was diverted, in a rig.

import TestSupport
import Testing
import WeirPostgres

extension Rig {
    /// The API example with lines added, and a folder of schemas that a test may change.
    static func apiCalls(adding lines: String, schemas: String? = nil, partitions: Int = 4) throws -> Rig {
        let folder = "topologies/examples/api-calls"
        let copy = try TopologyCopy("\(folder)/api-calls.yaml", adding: lines)
        return try Rig(
            file: copy.file, schemas: schemas ?? Repository.path("\(folder)/schemas"), partitions: partitions)
    }

    /// Records that wait, as weir.partition counts them; they must be those of weir.parked.
    func parkedRecords() throws -> Int {
        let rows = try connection.query(
            """
            SELECT (SELECT coalesce(sum(parked), 0)::int8 FROM weir.partition),
                (SELECT coalesce(sum(record_count), 0)::int8 FROM weir.parked),
                (SELECT coalesce(min(parked), 0)::int8 FROM weir.partition)
            """)
        #expect(rows.int64(0, 0) == rows.int64(0, 1))
        #expect(rows.int64(0, 2) >= 0)
        return Int(rows.int64(0, 0))
    }

    /// Records that the workers have read and put somewhere.
    func read() throws -> Int {
        Int(try connection.query("SELECT coalesce(sum(next_offset), 0)::int8 FROM weir.partition").int64(0, 0))
    }

    func waitUntilRead(seconds: Int = 60) throws {
        try waitUntil("all is read", seconds: seconds) { try read() >= produced }
    }

    /// Every offset behind next_offset is accounted for.
    func expectCountersAddUp(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let wrong = try connection.column(
            """
            SELECT format('%s/%s', topic, partition) FROM weir.partition WHERE coalesce(next_offset, 0) <>
                counted + duplicates + conflicts + dead_letters + skipped + parked + diverted
            """)
        #expect(wrong == [], sourceLocation: sourceLocation)
    }

    func number(_ sql: String) throws -> Int { Int(try connection.query(sql).int64(0, 0)) }
}
