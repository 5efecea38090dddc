// Whether the keys of usage rows fit PostgreSQL's indexes.

import Testing
import WeirCore
import WeirPostgres

@Suite struct UsageKeyTests {
    private func isPermanent(_ sqlState: String) -> Bool { PostgresError(sqlState: sqlState, message: "").isPermanent }

    /// What no second attempt will mend must stop the worker, not have it try for ever.
    @Test func refusalsAreNotTriedAgain() {
        for state in ["21000", "22021", "22003", "23505", "42501", "54000"] { #expect(isPermanent(state)) }
        for state in ["08006", "40001", "40P01", "53300", "55P03", "57P01"] { #expect(!isPermanent(state)) }
    }

    /// An index entry holds some 2700 bytes; the longest texts that records may have must fit into it.
    @Test(arguments: 0...12)
    func longestTextsFitTheIndex(dimensions: Int) throws {
        let connection = try TestDatabase.migrated().connect()
        var state: UInt64 = 5
        func text(_ length: Int) -> String {
            String(
                (0..<length).map { _ in
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    return Character(Unicode.Scalar(UInt8(33 + (state >> 33) % 90)))
                })
        }
        var parameters = Parameters()
        parameters.add(text(MeterBatch.longestText))
        parameters.add(
            JSONText.compact(
                (0..<dimensions).map {
                    ("dimension_\($0)", text(MeterBatch.longestDimensions / dimensions))
                }))
        try connection.query(
            """
            INSERT INTO billing.usage (org_id, meter, window_start, window_end, dimensions, aggregate, quantity,
                event_count, revision, first_event_at, last_event_at, source_topic, source_partition, first_offset,
                last_offset, topology, topology_version)
            VALUES ($1::text, 'm', now(), now(), $2::text::jsonb, 'sum', 1, 1, 1, now(), now(), 't', 0, 0, 0, 't', 1)
            """, parameters)
    }
}
