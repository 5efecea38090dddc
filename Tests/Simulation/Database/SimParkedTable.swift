// weir.parked of the simulated database.

import WeirKafka
import WeirRuntime

struct SimParkedTable {
    struct Row {
        let id: Int64
        let source: TopicPartition
        let cause: ParkCause
        let offsets: [Int64]
        let bytes: Int
        /// As Weir packs them.
        let records: [UInt8]
        /// On the world's clock: PostgreSQL's.
        let parkedAt: Int64
    }

    private(set) var rows: [Int64: Row] = [:]
    private var last: Int64 = 0
    /// When a row of an organisation was deleted last.
    private var deletedAt: [QuotaLedger.Account: Int64] = [:]

    var isEmpty: Bool { rows.isEmpty }

    /// Oldest first.
    func rows(of id: TopicPartition) -> [Row] {
        guard !rows.isEmpty else { return [] }
        return rows.values.filter { $0.source == id }.sorted { $0.id < $1.id }
    }

    func records(of id: TopicPartition) -> Int { rows(of: id).reduce(0) { $0 + $1.offsets.count } }

    func schemaRecords(of id: TopicPartition) -> Int {
        rows(of: id).reduce(0) { $0 + ($1.schema == nil ? 0 : $1.offsets.count) }
    }

    mutating func insert(_ parking: SimTransaction.Parked, at now: Int64) -> Row {
        last += 1
        let row = Row(
            id: last, source: parking.source, cause: parking.cause, offsets: parking.offsets, bytes: parking.bytes,
            records: parking.records, parkedAt: now)
        rows[last] = row
        return row
    }

    mutating func delete(_ id: Int64, at now: Int64) {
        guard let row = rows.removeValue(forKey: id) else { return }
        if let account = row.account { deletedAt[account] = now }
    }

    /// Whether some record of the organisation may have waited at that time or since, other than in the rows named.
    func hadBacklog(_ account: QuotaLedger.Account, since time: Int64, butFor gone: Set<Int64>) -> Bool {
        if let deleted = deletedAt[account], deleted >= time { return true }
        return rows.values.contains { $0.account == account && !gone.contains($0.id) }
    }
}

extension SimParkedTable.Row {
    var schema: Int32? { if case .schema(let id) = cause { id } else { nil } }

    /// Whose quota it waits for.
    var account: QuotaLedger.Account? {
        guard case .quota(let name) = cause else { return nil }
        return QuotaLedger.Account(topic: source.topic, organisation: String(decoding: name, as: UTF8.self))
    }

    /// As ParkingLot reads it.
    func parkedRow(now: Int64) -> ParkedRow {
        ParkedRow(
            id: id, source: source, cause: cause, records: offsets.count, bytes: bytes,
            parkedAt: World.base + parkedAt, waited: now - parkedAt)
    }
}
