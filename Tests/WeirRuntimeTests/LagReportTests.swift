// Reports of lag, read back under their contract; and the topology that reads them, against that contract.

import Foundation
import Testing
import WeirAvro
import WeirCore
import WeirObserve
import WeirRuntime

@Suite struct LagReportTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func folder() throws -> SchemaFolder { try SchemaFolder(path: root.appending(path: "schemas").path) }

    private static func contract() throws -> AvroSchema {
        try #require(folder().latest(subject: Outputs.lagSchema)).schema
    }

    /// Of 58.766 s.
    ///
    /// - Parameters:
    ///   - lags: of records, in milliseconds.
    ///   - waiting: how long a record has waited at the end, in milliseconds.
    private static func report(lags: [Int64] = [], waiting: Int64? = nil) throws -> LagReport {
        var status = PartitionStatus(topic: "ai.analysis.v1", partition: 3, knownSince: 0)
        var minutes = LagMinutes(topology: "billing-usage", objective: Objective())
        let end: Int64 = 1_790_000_100_000_000
        var reports: [LagReport] = []
        for now in [Int64](stride(from: end - 58_766_000, to: end, by: 9_000_000)) + [end] {
            status.hold(
                PartitionStatus.Holding(
                    phase: .running, owner: "host/12/0", epoch: 5, committed: 1,
                    oldestTaken: waiting.map { end - $0 * 1000 }, movedAt: now, keys: 0), at: now)
            if now == end {
                let runs = lags.map { TimeRun(milliseconds: now / 1000 - $0, part: 0, count: 1) }
                status.lag.record(arrivals: runs.span, committedAt: now, line: 2_000_000)
            }
            reports += minutes.look(at: [[status]], now: now)
        }
        try #require(reports.count == 1)
        return reports[0]
    }

    private static func value(_ report: LagReport) throws -> AvroValue {
        let payload = report.payload(schemaID: 0x0102_0304)
        #expect(Array(payload.prefix(5)) == [0, 1, 2, 3, 4])
        return try AvroValue.decode(schema: contract(), from: payload.span.bytes.extracting(5..<payload.count))
    }

    @Test func holdsTheContractsFields() throws {
        #expect(try Self.contract().fieldNames(under: []) == LagReport.contract)
    }

    @Test func readsBackUnderTheContract() throws {
        let key = "billing-usage/ai.analysis.v1/3/2026-09-21T14:14:00Z/5/0"
        func expected(records: Int64, good: Int64, _ lag: [AvroValue], _ oldest: AvroValue) -> AvroValue {
            .record(
                [
                    .string("billing-usage"), .string(key), .string("billing-usage"), .string("ai.analysis.v1"),
                    .int(3), .long(1_790_000_040_000), .long(1_790_000_041_234), .long(58_766), .long(0),
                    .long(records), .long(good), .long(2_000_000), .int(990_000),
                ] + lag + [oldest, .string("host/12/0"), .long(5)])
        }
        let lags = [Int64](repeating: 10, count: 9) + [3000]
        #expect(
            try Self.value(Self.report(lags: lags, waiting: 1500))
                == expected(
                    records: 10, good: 9, [10_000, 3_000_000, 3_000_000].map { .union(1, .long($0)) },
                    .union(1, .long(1_500_000))))
        let null = AvroValue.union(0, .null)
        #expect(try Self.value(Self.report()) == expected(records: 0, good: 0, [null, null, null], null))
        #expect(try Self.report().key == Array("billing-usage".utf8))
    }

    @Test func theTopologyThatReadsThemFitsTheContract() throws {
        let schemas = try Self.folder()
        let file = Self.root.appending(path: "topologies/lag-slo.yaml").path
        let loaded = try TopologyLoading.load(file: file, schemas: schemas)
        #expect(TopologyContracts(loaded, schemas: schemas).mistakes.isEmpty)
        let topology = loaded.topology
        // No loop: nobody reports on the reader of reports.
        #expect(topology.outputs == Outputs(table: "slo.lag", topic: nil, schema: "billing.usage.v1"))
        #expect(Set(topology.meters.compactMap(\.field?.description)).isSubset(of: LagReport.contract))
        let billing = try TopologyLoading.load(
            file: Self.root.appending(path: "topologies/billing-usage.yaml").path, schemas: schemas)
        #expect(billing.topology.outputs.lag == topology.sources[0].topic)
    }

    @Test func withoutItsContractNobodyCanBeTold() throws {
        let all = try Self.folder()
        let file = Self.root.appending(path: "topologies/billing-usage.yaml").path
        let line = try String(contentsOfFile: file, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false
        ).firstIndex(of: "  lag: slo.lag.v1")
        let place = try "\(file):\(#require(line) + 1):8"
        func message(_ entries: [SchemaFolder.Entry]) -> String {
            let error = #expect(throws: WeirError.self) {
                try TopologyLoading.load(file: file, schemas: SchemaFolder(path: "schemas", entries: entries))
            }
            return error?.message ?? ""
        }
        let missing = message(all.entries.filter { $0.subject != Outputs.lagSchema })
        #expect(missing.contains("\(place): there is no schema 'slo.lag.v1' in schemas"), "\(missing)")
        let usage = try #require(all.latest(subject: "billing.usage.v1"))
        let other = message(
            all.entries.filter { $0.subject != Outputs.lagSchema } + [
                SchemaFolder.Entry(id: 5, subject: Outputs.lagSchema, version: 1, schema: usage.schema)
            ])
        #expect(other.contains("\(place): 'slo.lag.v1' is not the contract of lag reports"), "\(other)")
    }
}
